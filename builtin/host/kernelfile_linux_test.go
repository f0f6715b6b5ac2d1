package host

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestKernelFileIsReadOncePerRound(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	write(t, path, "one")
	f := openKernelFile(t, path)
	read := func(n uint64) string {
		t.Helper()
		text, err := f.content(&round{n: n})
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	first := read(1)
	write(t, path, "a longer text "+strings.Repeat("x", 5000))
	if again := read(1); first != "one" || again != "one" {
		t.Errorf("in one round it says %q and %q", first, again)
	}
	if got := read(2); len(got) != 5014 {
		t.Errorf("in the next round it has %d bytes", len(got))
	}
	write(t, path, "short")
	if got := read(3); got != "short" {
		t.Errorf("then it says %q", got)
	}
}

func TestKernelFileIsOpenedAgainAfterAFailure(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	f := openKernelFile(t, path)
	for range 2 { // the second time in the same round
		if _, err := f.content(&round{n: 1}); !os.IsNotExist(f.err) || err == nil {
			t.Fatalf("a missing file: %v", err)
		}
	}
	write(t, path, "there")
	if text, err := f.content(&round{n: 2}); err != nil || string(text) != "there" {
		t.Errorf("got %q, %v", text, err)
	}
}

func TestKernelFileOfEndlessContentIsRefused(t *testing.T) {
	f := openKernelFile(t, "/dev/zero")
	if _, err := f.content(&round{n: 1}); err == nil {
		t.Error("it was read to its end")
	}
}

// openKernelFile returns a file that is closed when the test ends.
func openKernelFile(t *testing.T, path string) *kernelFile {
	t.Helper()
	f := newKernelFile(path)
	t.Cleanup(func() {
		if err := f.close(); err != nil {
			t.Error(err)
		}
	})
	return f
}
