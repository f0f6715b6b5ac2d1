package state

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
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
	path := filepath.Join(dir, "records.json")
	r := NewRecords(dir)
	if err := r.Save(map[string]Record{"task.file.a": {Inputs: "x"}}); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	damages := map[string]string{"nothing": "", "garbage": strings.Repeat("garbage ", 2000), "zeros": strings.Repeat("\x00", 4096), "another document": "[]", "null": "null"}
	for n := 1; n < len(whole); n += 7 {
		damages[fmt.Sprintf("cut after %d bytes", n)] = string(whole[:n])
	}
	for name, content := range damages {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			_, loadErr := r.Load()
			saveErr := r.Save(map[string]Record{"task.file.b": {}})
			for _, err := range []error{loadErr, saveErr} {
				if err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "remove the file") {
					t.Errorf("got %v", err)
				}
			}
			if now, err := os.ReadFile(path); err != nil || string(now) != content {
				t.Errorf("what is damaged was written over: %q, %v", now, err)
			}
		})
	}
}

// TestNoRecordIsLostBetweenWriters has two writers of one directory, as in two
// processes, and readers beside them.
func TestNoRecordIsLostBetweenWriters(t *testing.T) {
	dir := t.TempDir()
	writers := []*Records{NewRecords(dir), NewRecords(dir)}
	var group sync.WaitGroup
	for i := range 20 {
		group.Go(func() {
			if err := writers[i%2].Save(map[string]Record{fmt.Sprint(i): {Inputs: fmt.Sprint(i)}}); err != nil {
				t.Error(err)
			}
		})
		group.Go(func() {
			if _, err := writers[0].Load(); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	got, err := writers[0].Load()
	if err != nil || len(got) != 20 || got["7"].Inputs != "7" {
		t.Errorf("%d records, %v", len(got), err)
	}
	if info, err := os.Stat(filepath.Join(dir, "records.json")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
}

func TestALockWhoseHolderIsNotYetKnownIsHeld(t *testing.T) {
	if got := (&LockedError{}).Error(); strings.Contains(got, "process 0") {
		t.Errorf("it says %s", got)
	}
}

func TestAKeyThatIsDamagedIsNotReplaced(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "key")
	if err := os.WriteFile(path, []byte("short"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Key(dir); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("got %v", err)
	}
	if content, err := os.ReadFile(path); err != nil || string(content) != "short" {
		t.Errorf("the key is now %q, %v", content, err)
	}
}

func TestOneKeyIsMadeByManyAtOnce(t *testing.T) {
	dir := t.TempDir()
	keys := make([]string, 8)
	var group sync.WaitGroup
	for i := range keys {
		group.Go(func() {
			key, err := Key(dir)
			if err != nil {
				t.Error(err)
			}
			keys[i] = string(key)
		})
	}
	group.Wait()
	for _, key := range keys {
		if key != keys[0] {
			t.Errorf("keys %x and %x", key, keys[0])
		}
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
