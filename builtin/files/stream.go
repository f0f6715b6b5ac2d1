package files

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
)

// openStream opens a file that was too large for the plan to hold. What is
// read of it must be what the plan saw.
func openStream(s stream) (io.ReadCloser, error) {
	f, err := os.Open(string(s.Path))
	if err != nil {
		return nil, fmt.Errorf("read the source: %w", err)
	}
	return checkSum(f, s.Checksum), nil
}

// checkSum lets what r gives end in an error where its checksum is not want.
func checkSum(r io.ReadCloser, want string) io.ReadCloser {
	return &summed{ReadCloser: r, hash: sha256.New(), want: want}
}

type summed struct {
	io.ReadCloser
	hash hash.Hash
	want string
}

// Read implements [io.Reader].
func (s *summed) Read(p []byte) (int, error) {
	n, err := s.ReadCloser.Read(p)
	_, _ = s.hash.Write(p[:n]) // a hash takes all that it is given
	if errors.Is(err, io.EOF) {
		if sum := formatChecksum(s.hash.Sum(nil)); sum != s.want {
			return n, fmt.Errorf("the content to write has changed since the plan: it had %s and has %s; plan again", s.want, sum)
		}
	}
	return n, err
}
