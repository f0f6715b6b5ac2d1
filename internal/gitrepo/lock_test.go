package gitrepo

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestAMirrorThatNeverBecomesFreeIsAnError(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	lock, err := lockFile(filepath.Join(dir, "lock"), exclusive)
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	repo, err := Open(dir, Options{URL: "http://127.0.0.1:1/a.git", Timeout: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer repo.Close()
	if _, _, err := repo.Fetch(t.Context()); !errors.Is(err, ErrBusy) || !strings.Contains(err.Error(), "in use by another process") {
		t.Errorf("error %v", err)
	}
}
