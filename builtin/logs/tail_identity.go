package logs

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
)

const (
	headSize   = 1024 // bytes of a file's beginning that tell it from others
	anchorSize = 256  // bytes before a position that tell whether it still holds
)

// digest is a shortened SHA-256, so that saved positions hold no log text.
type digest [16]byte

func digestOf(p []byte) digest {
	sum := sha256.Sum256(p)
	return digest(sum[:16])
}

// MarshalText writes the digest in hexadecimal.
func (d digest) MarshalText() ([]byte, error) {
	return hex.AppendEncode(nil, d[:]), nil
}

// UnmarshalText reads what MarshalText wrote.
func (d *digest) UnmarshalText(text []byte) error {
	if hex.DecodedLen(len(text)) != len(d) {
		return fmt.Errorf("a digest has %d hexadecimal digits, this one %d", 2*len(d), len(text))
	}
	_, err := hex.Decode(d[:], text)
	return err
}

// head is the fingerprint of a file's first bytes. It grows with the file up
// to headSize, so that the smallest files can be told apart and read at once.
type head struct {
	size int
	sum  digest
	raw  []byte // nil until the file is read: saved positions hold only the sum
}

func headOf(raw []byte) head {
	return head{size: len(raw), sum: digestOf(raw), raw: raw}
}

// beginsWith reports whether a file that begins with raw can have this head.
func (h head) beginsWith(raw []byte) bool {
	return h.size <= len(raw) && digestOf(raw[:h.size]) == h.sum
}

// relatedTo reports whether one of the head and raw can be the beginning of
// the other. Where only a sum is left of a longer head that can't be ruled out.
func (h head) relatedTo(raw []byte) bool {
	if h.raw != nil {
		n := min(len(h.raw), len(raw))
		return bytes.Equal(h.raw[:n], raw[:n])
	}
	return h.size > len(raw) || h.beginsWith(raw)
}

// isWhole reports whether the head is as long as it gets. A shorter one is
// weak evidence: many files begin with the same line.
func (h head) isWhole() bool { return h.size == headSize }

// readHead returns the first bytes of a file, at most headSize.
func readHead(file io.ReaderAt) ([]byte, error) {
	raw := make([]byte, headSize)
	n, err := file.ReadAt(raw, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return raw[:n], nil
}

// position is an offset together with a digest of the bytes just before it.
// The anchor closes what the head leaves open: a file that was replaced by
// one with the same beginning, or truncated and grown past the offset again.
type position struct {
	offset int64
	anchor digest
}

func anchorLen(offset int64) int { return int(min(offset, anchorSize)) }

// positionAfter returns the position at offset. The bytes end there, and are
// at least as many as an anchor needs.
func positionAfter(offset int64, bytes []byte) position {
	return position{offset, digestOf(bytes[len(bytes)-anchorLen(offset):])}
}

// positionAt returns the position at offset by what the file holds there.
func positionAt(file io.ReaderAt, offset int64) (position, error) {
	before := make([]byte, anchorLen(offset))
	if _, err := file.ReadAt(before, offset-int64(len(before))); err != nil && !errors.Is(err, io.EOF) {
		return position{}, err
	}
	return positionAfter(offset, before), nil
}

// holdsIn reports whether file has the anchor of the position in its place.
func (p position) holdsIn(file io.ReaderAt) bool {
	before := make([]byte, anchorLen(p.offset))
	n, _ := file.ReadAt(before, p.offset-int64(len(before)))
	return p.matches(before[:n])
}

// matches reports whether before are the bytes that the anchor was taken of.
func (p position) matches(before []byte) bool {
	return len(before) == anchorLen(p.offset) && (p.offset == 0 || digestOf(before) == p.anchor)
}
