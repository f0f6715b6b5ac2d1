package state

import (
	"bufio"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
)

// A record of the journal is the length of its payload and the CRC-32C of it,
// four bytes each in little endian, and the payload: the address and the key,
// each behind its length as a uvarint, and the value behind a byte that is 1,
// or 0 and nothing for a value that was removed.
const recordHeader = 8

// maxRecord bounds what is taken for a record when a journal is read.
const maxRecord = 64 << 20

func castagnoli(p []byte) uint32 { return crc32.Checksum(p, crc32.MakeTable(crc32.Castagnoli)) }

func appendRecord(dst []byte, at position, value []byte) []byte {
	start := len(dst)
	dst = append(dst, make([]byte, recordHeader)...)
	for _, s := range []string{at.address, at.key} {
		dst = binary.AppendUvarint(dst, uint64(len(s)))
		dst = append(dst, s...)
	}
	if value == nil {
		dst = append(dst, 0)
	} else {
		dst = append(append(dst, 1), value...)
	}
	payload := dst[start+recordHeader:]
	binary.LittleEndian.PutUint32(dst[start:], uint32(len(payload)))
	binary.LittleEndian.PutUint32(dst[start+4:], castagnoli(payload))
	return dst
}

// recordSize is the length of the record of a value.
func recordSize(at position, value []byte) int64 {
	return int64(recordHeader + uvarintSize(len(at.address)) + len(at.address) + uvarintSize(len(at.key)) + len(at.key) + 1 + len(value))
}

func uvarintSize(n int) int { return len(binary.AppendUvarint(nil, uint64(n))) }

var errDamaged = errors.New("damaged record")

// readRecord reads one record. It returns [io.EOF] at the end of the journal
// and errDamaged where what follows is no record.
func readRecord(r io.Reader) (at position, value []byte, size int64, err error) {
	var header [recordHeader]byte
	n, err := io.ReadFull(r, header[:])
	switch {
	case err == io.EOF:
		return at, nil, 0, io.EOF
	case err == io.ErrUnexpectedEOF:
		return at, nil, int64(n), errDamaged
	case err != nil:
		return at, nil, 0, err
	}
	length := binary.LittleEndian.Uint32(header[:])
	if length > maxRecord {
		return at, nil, 0, errDamaged
	}
	payload, err := io.ReadAll(io.LimitReader(r, int64(length)))
	if err != nil {
		return at, nil, 0, err
	}
	if len(payload) != int(length) || castagnoli(payload) != binary.LittleEndian.Uint32(header[4:]) {
		return at, nil, 0, errDamaged
	}
	at, value, err = decodePayload(payload)
	return at, value, int64(recordHeader + len(payload)), err
}

func decodePayload(p []byte) (at position, value []byte, err error) {
	for _, field := range []*string{&at.address, &at.key} {
		length, n := binary.Uvarint(p)
		if n <= 0 || length > uint64(len(p)-n) {
			return at, nil, errDamaged
		}
		*field = string(p[n : n+int(length)])
		p = p[n+int(length):]
	}
	switch {
	case len(p) == 1 && p[0] == 0:
		return at, nil, nil
	case len(p) > 0 && p[0] == 1:
		return at, p[1:], nil
	}
	return at, nil, errDamaged
}

// replay takes over all records, and returns the length of those that are
// sound.
func (p *Positions) replay(f *os.File) (int64, error) {
	r := bufio.NewReader(f)
	good := int64(0)
	for {
		at, value, size, err := readRecord(r)
		if errors.Is(err, io.EOF) || errors.Is(err, errDamaged) {
			return good, nil
		}
		if err != nil {
			return 0, err
		}
		p.set(at, value)
		good += size
	}
}

// compact writes the journal anew with what still holds, beside the old one,
// and takes its place when it is on the disk.
func (p *Positions) compact() error {
	var records []byte
	for at, value := range p.values {
		records = appendRecord(records, at, value)
	}
	f, err := os.OpenFile(p.path+".new", os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(records, 0)
	if err == nil {
		err = errors.Join(f.Sync(), os.Rename(f.Name(), p.path))
	}
	if err == nil {
		err = syncDir(filepath.Dir(p.path))
	}
	if err != nil {
		return errors.Join(err, f.Close())
	}
	old := p.file
	p.file, p.size = f, int64(len(records))
	return old.Close()
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
