package history

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A history that ends anywhere, as after a crash, gives all runs that are whole.
func TestATornHistoryLosesNoMoreThanItsEnd(t *testing.T) {
	dir, c := t.TempDir(), &clock{start}
	s := open(t, dir, c)
	var ends []int64
	for i := range 3 {
		mustRecord(t, s, run(c, fmt.Sprintf("net: drifted fp=%d", i), fmt.Sprintf("db: drifted fp=%d", i)))
		ends = append(ends, s.journal.Size())
	}
	mustClose(t, s)
	whole, err := os.ReadFile(filepath.Join(dir, "history"))
	if err != nil {
		t.Fatal(err)
	}
	for cut := 0; cut < len(whole); cut += 7 {
		want := 0
		for _, end := range ends {
			if end <= int64(cut) {
				want += 2 // of both stacks, or of none
			}
		}
		torn := t.TempDir()
		if err := os.WriteFile(filepath.Join(torn, "history"), whole[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		s := open(t, torn, c)
		if got := len(s.Transitions(everything, 100)); got != want {
			t.Errorf("cut at %d: %d transitions, want %d", cut, got, want)
		}
		if got := s.Untold(); got != want {
			t.Errorf("cut at %d: %d are to be told, want %d", cut, got, want)
		}
		mustClose(t, s)
	}
}

func TestAHistoryThatIsWrittenAnewSaysTheSame(t *testing.T) {
	dir, c := t.TempDir(), &clock{start}
	s := open(t, dir, c)
	for i := range 5 {
		mustRecord(t, s, run(c, fmt.Sprintf("net: drifted fp=%d", i), "db: clean"))
	}
	settle(t, s, s.Take(network.Task)[:4], true)
	settle(t, s, s.Take(network.Task), false)
	s.mu.Lock()
	err := s.rewrite()
	s.mu.Unlock()
	if err != nil {
		t.Fatal(err)
	}
	mustClose(t, s)
	again := open(t, dir, c)
	defer mustClose(t, again)
	if diff := cmp.Diff(s.States(), again.States()); diff != "" {
		t.Errorf("states (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(s.Transitions(everything, 100), again.Transitions(everything, 100)); diff != "" {
		t.Errorf("transitions (-want +got):\n%s", diff)
	}
	wantNames(t, again.Take(network.Task), "net changed")
}

// Checks that say nothing new must not fill the disk.
func TestChecksWithoutNewsCostLittle(t *testing.T) {
	dir, c := t.TempDir(), &clock{start}
	s := open(t, dir, c)
	defer mustClose(t, s)
	mustRecord(t, s, run(c, "net: clean"))
	for range 20_000 {
		c.pass(time.Second)
		mustRecord(t, s, run(c, "net: clean"))
	}
	info, err := os.Stat(filepath.Join(dir, "history"))
	if err != nil || info.Size() > compactSize+compactSize/10 {
		t.Errorf("the history has %d bytes, %v", info.Size(), err)
	}
	if last := s.LastCheck(s.States()[0].Subject); !last.Equal(c.at) {
		t.Errorf("the last check was at %s", last)
	}
}

// The journal lies on a disk that is full, until there is room to write another.
func TestADiskThatIsFullCostsNothingButDurability(t *testing.T) {
	const full = "/dev/full"
	if _, err := os.Stat(full); err != nil {
		t.Skipf("a device that is full is needed for this: %v", err)
	}
	dir, c := t.TempDir(), &clock{start}
	for _, name := range []string{"history", "history.new"} {
		if err := os.Symlink(full, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	s := open(t, dir, c)
	for _, want := range []string{"net new", ""} {
		transitions, err := s.Record(run(c, "net: drifted fp=a"))
		if !errors.Is(err, syscall.ENOSPC) || !errors.Is(s.Problem(), syscall.ENOSPC) {
			t.Errorf("the error is %v, the problem %v", err, s.Problem())
		}
		wantNames(t, transitions, want)
	}
	wantNames(t, s.Take(network.Task), "net new")
	if err := os.Remove(filepath.Join(dir, "history.new")); err != nil {
		t.Fatal(err)
	}
	wantNames(t, mustRecord(t, s, run(c, "net: clean")), "net resolved")
	if err := s.Problem(); err != nil {
		t.Errorf("there is room, and the problem is %v", err)
	}
	killed := open(t, dir, c)
	defer mustClose(t, killed)
	wantNames(t, killed.Transitions(everything, 10), "net resolved, net new")
	wantNames(t, killed.Take(network.Task), "net new, net resolved")
}

func TestAHistoryThatCantBeOpenedIsKeptInMemory(t *testing.T) {
	dir, c := t.TempDir(), &clock{start}
	if err := os.Mkdir(filepath.Join(dir, "history"), 0o700); err != nil {
		t.Fatal(err)
	}
	s, err := Open(Options{Path: filepath.Join(dir, "history"), Retention: time.Hour, Now: c.now})
	if err == nil || s.Problem() == nil {
		t.Error("nobody is told")
	}
	wantNames(t, mustRecord(t, s, run(c, "net: drifted fp=a")), "net new")
	wantNames(t, s.Take(network.Task), "net new")
	if s.Damaged() != 0 {
		t.Error("there is damage")
	}
	mustClose(t, s)
}

func FuzzOpen(f *testing.F) {
	dir, c := f.TempDir(), &clock{start}
	path := filepath.Join(dir, "history")
	s, err := Open(Options{Path: path, Retention: time.Hour, Now: c.now})
	if err != nil {
		f.Fatal(err)
	}
	if _, err := s.Record(run(c, "net: drifted fp=a", "db: error error=x")); err != nil {
		f.Fatal(err)
	}
	if err := s.Close(); err != nil {
		f.Fatal(err)
	}
	sound, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sound)
	f.Add(sound[:len(sound)-1])
	f.Add([]byte(`{"states":[{"task":"t","past":null}],"told":[1]}`))
	f.Fuzz(func(t *testing.T, content []byte) {
		s := &Store{now: c.now, states: make(map[Subject]State)}
		if s.replay(content) != nil { // of a record with the right checksum
			return
		}
		s.prune()
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "history"), content, 0o600); err != nil {
			t.Fatal(err)
		}
		whole := open(t, dir, c)
		mustRecord(t, whole, run(c, "net: drifted fp=b"))
		mustClose(t, whole)
		if kept, err := os.ReadFile(filepath.Join(dir, "history.corrupt")); err == nil && !bytes.HasSuffix(content, kept) {
			t.Errorf("%q was kept of %q", kept, content)
		}
	})
}
