package state

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
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
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	if want := (Holder{os.Getpid(), "apply", host, now}); locked.Holder != want {
		t.Errorf("holder %+v, want %+v", locked.Holder, want)
	}
	if want := fmt.Sprintf("process %d, driftless apply, on %s since 2026-01-02T03:04:05Z", os.Getpid(), host); !strings.Contains(locked.Error(), want) {
		t.Errorf("it says %q, want %q in it", locked, want)
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

func TestAwaitingALock(t *testing.T) {
	other := errors.New("no such directory")
	tests := []struct {
		name    string
		held    int // how many tries find it held
		then    error
		wantErr error
		waits   int
	}{
		{"a lock that is free is taken without waiting", 0, nil, nil, 0},
		{"one that becomes free is taken, and it is said once that it was not", 3, nil, nil, 1},
		{"another error ends the wait", 2, other, other, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tries, waits := 0, 0
				err := Await(t.Context(), func() error {
					if tries++; tries <= tt.held {
						return &LockedError{}
					}
					return tt.then
				}, func(*LockedError) { waits++ })
				if !errors.Is(err, tt.wantErr) || waits != tt.waits {
					t.Errorf("got %v after %d waits, want %v after %d", err, waits, tt.wantErr, tt.waits)
				}
			})
		})
	}
}

func TestTheWaitForALockEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		began := time.Now()
		err := Await(ctx, func() error { return &LockedError{Holder{PID: 7}} }, func(*LockedError) {})
		if locked, ok := errors.AsType[*LockedError](err); !ok || locked.PID != 7 || time.Since(began) != time.Minute {
			t.Errorf("got %v after %s", err, time.Since(began))
		}
	})
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
