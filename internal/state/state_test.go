package state

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestRecordsKeepWhatWasSaved(t *testing.T) {
	r := NewRecords(t.TempDir())
	if got, err := r.Load(); err != nil || len(got) != 0 {
		t.Fatalf("new records: %v, %v", got, err)
	}
	at := time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)
	want := map[string]Record{"task.file.a": {Inputs: "x", Applied: at, Changed: at}, "task.file.b": {Inputs: "y"}}
	if err := r.Save(map[string]Record{"task.file.a": {Inputs: "old"}, "task.file.b": want["task.file.b"]}); err != nil {
		t.Fatal(err)
	}
	if err := r.Save(map[string]Record{"task.file.a": want["task.file.a"]}); err != nil {
		t.Fatal(err)
	}
	got, err := r.Load()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestRecordsThatAreDamagedAreAnErrorThatNamesTheFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "records.db")
	if err := os.WriteFile(path, []byte(strings.Repeat("garbage ", 2000)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := NewRecords(dir).Load(); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("got %v", err)
	}
}

func TestTheLockIsHeldByOneProcessAndSaysByWhich(t *testing.T) {
	dir := t.TempDir()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	release, err := Lock(dir, "apply", now)
	if err != nil {
		t.Fatal(err)
	}
	var locked *LockedError
	if _, err := Lock(dir, "apply", now); !errors.As(err, &locked) {
		t.Fatalf("second lock: %v", err)
	}
	if want := (Holder{os.Getpid(), "apply", now}); locked.Holder != want {
		t.Errorf("holder %+v, want %+v", locked.Holder, want)
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	release, err = Lock(dir, "apply", now)
	if err != nil {
		t.Fatalf("after the release: %v", err)
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
}

// TestTheLockOfADeadProcessIsFree has a child take the lock and die by a
// signal.
func TestTheLockOfADeadProcessIsFree(t *testing.T) {
	if dir := os.Getenv("DRIFTLESS_TEST_LOCK"); dir != "" {
		if _, err := Lock(dir, "test", time.Now()); err != nil {
			t.Fatal(err)
		}
		self, _ := os.FindProcess(os.Getpid())
		_ = self.Kill()
		select {}
	}
	dir := t.TempDir()
	child := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	child.Env = append(os.Environ(), "DRIFTLESS_TEST_LOCK="+dir)
	if err := child.Run(); err == nil {
		t.Fatal("the child ended well, it should have died")
	}
	release, err := Lock(dir, "test", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
}

func TestTheKeyIsMadeOnceAndKept(t *testing.T) {
	dir := t.TempDir()
	first, err := Key(dir)
	if err != nil || len(first) != 32 {
		t.Fatalf("got %x, %v", first, err)
	}
	if again, err := Key(dir); err != nil || string(again) != string(first) {
		t.Errorf("got %x, %v; want %x", again, err, first)
	}
	if info, err := os.Stat(filepath.Join(dir, "key")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}
