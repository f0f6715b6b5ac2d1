package state

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func sealed(t *testing.T, dir string) *Sealed {
	t.Helper()
	s, err := OpenSealed(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func save(t *testing.T, s *Sealed, name, content string, end time.Time) {
	t.Helper()
	if err := s.Save(name, []byte(content), end); err != nil {
		t.Fatal(err)
	}
}

func wantSealed(t *testing.T, s *Sealed, name, want string) {
	t.Helper()
	if got, err := s.Load(name); err != nil || string(got) != want {
		t.Errorf("%s: got %q, %v; want %q", name, got, err, want)
	}
}

func TestASealedSecretIsReadByTheNextProcessAndByNobodyElse(t *testing.T) {
	dir := t.TempDir()
	save(t, sealed(t, dir), "web", "a private key", time.Now().Add(time.Hour))
	wantSealed(t, sealed(t, dir), "web", "a private key")
	wantSealed(t, sealed(t, dir), "mail", "")
	files, err := filepath.Glob(filepath.Join(dir, "sealed", "*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("files: %v, %v", files, err)
	}
	content, err := os.ReadFile(files[0])
	if err != nil || bytes.Contains(content, []byte("private")) {
		t.Errorf("the file shows the secret: %v", err)
	}
	if info, err := os.Stat(files[0]); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file: %v, %v", info, err)
	}
}

func TestWhatCannotBeOpenedIsNothing(t *testing.T) {
	dir := t.TempDir()
	s := sealed(t, dir)
	save(t, s, "web", "a private key", time.Now().Add(time.Hour))
	for name, damage := range map[string]func() error{
		"another name's file": func() error { return os.Rename(s.path("web"), s.path("mail")) },
		"a damaged file":      func() error { return os.WriteFile(s.path("mail"), []byte("damaged"), 0o600) },
		"an empty file":       func() error { return os.WriteFile(s.path("mail"), nil, 0o600) },
	} {
		t.Run(name, func(t *testing.T) {
			if err := damage(); err != nil {
				t.Skip("done by the row before: ", err)
			}
			wantSealed(t, s, "mail", "")
		})
	}
}

func TestWhatHasEndedIsRemoved(t *testing.T) {
	s := sealed(t, t.TempDir())
	save(t, s, "web", "old", time.Now().Add(-time.Minute))
	save(t, s, "mail", "new", time.Now().Add(time.Hour))
	wantSealed(t, s, "web", "")
	wantSealed(t, s, "mail", "new")
}
