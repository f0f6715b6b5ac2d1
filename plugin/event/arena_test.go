//go:build linux

package event

import (
	"errors"
	"syscall"
	"testing"
)

// hugeArena maps n bytes that take no memory as long as they are not touched.
// The pages behind the first n bytes may be written.
func hugeArena(t *testing.T, n int) []byte {
	t.Helper()
	p, err := syscall.Mmap(-1, 0, n+4096, syscall.PROT_READ|syscall.PROT_WRITE,
		syscall.MAP_ANON|syscall.MAP_PRIVATE|syscall.MAP_NORESERVE)
	if err != nil {
		t.Skipf("this system can't map %d bytes: %v", n, err)
	}
	t.Cleanup(func() {
		if err := syscall.Munmap(p); err != nil {
			t.Error(err)
		}
	})
	return p[:n]
}

func TestFullBatchSaysSo(t *testing.T) {
	b := logBatch(t, "x")
	b.arena = hugeArena(t, MaxBytes-10)
	b.SetBody(0, []byte("ten bytes."))
	if err := b.Err(); err != nil {
		t.Errorf("what fits is refused: %v", err)
	}
	b.SetBody(0, []byte("one more"))
	if body, _ := b.Body(0); len(body) != 0 || !errors.Is(b.Err(), ErrTooLarge) {
		t.Errorf("body %q, error %v", body, b.Err())
	}
}
