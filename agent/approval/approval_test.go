package approval

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const task = "task.terraform.infra"

// bench is a store in a directory, with a clock that is moved by hand.
type bench struct {
	testing.TB
	dir string
	now time.Time
	*Store
}

func newBench(t testing.TB) *bench {
	t.Helper()
	b := &bench{TB: t, dir: t.TempDir(), now: time.Now().UTC()}
	b.restart()
	return b
}

// restart opens the store again, without any end of the one before.
func (b *bench) restart() {
	b.Helper()
	store, err := Open(b.dir, Remedies, func() time.Time { return b.now })
	if err != nil {
		b.Fatal(err)
	}
	b.Store = store
}

func (b *bench) grant(id string) Grant {
	return Grant{ID: id, Task: task, Stack: "net", By: "on-call", At: b.now, Until: b.now.Add(24 * time.Hour)}
}

func (b *bench) add(ids ...string) {
	b.Helper()
	for _, id := range ids {
		if err := b.Add(b.grant(id), func() error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
}

func (b *bench) expect(when string, ids ...string) {
	b.Helper()
	if diff := cmp.Diff(ids, b.Of(task)); diff != "" {
		b.Errorf("%s (-want +got):\n%s", when, diff)
	}
}

// file is the one that the grants are in.
func (b *bench) file() string {
	b.Helper()
	files, err := filepath.Glob(filepath.Join(b.dir, "sealed", "*"))
	if err != nil || len(files) != 1 {
		b.Fatalf("files %q, %v", files, err)
	}
	return files[0]
}

func TestAGrantHoldsOverRestartsUntilItEnds(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.expect("at first")
	b.add("a")
	b.now = b.now.Add(time.Hour)
	b.add("b", "c")
	b.restart()
	b.expect("after a restart", "a", "b", "c")
	if others := b.Of("task.terraform.other"); others != nil {
		t.Errorf("another task has %q", others)
	}
	if g, ok := b.Find("b"); !ok || g.By != "on-call" || !g.At.Equal(b.now) {
		t.Errorf("found %+v", g)
	}
	if err := b.Retain(func(g Grant) bool { return g.ID != "b" }); err != nil {
		t.Fatal(err)
	}
	b.restart()
	b.expect("once one was used", "a", "c")
	b.now = b.now.Add(23 * time.Hour)
	b.expect("when the first has expired", "c")
	b.restart()
	b.expect("and after a restart", "c")
	var told Grant
	if revoked, err := b.Revoke("c", func(g Grant) error { told = g; return nil }); err != nil || told.ID != "c" || len(revoked) != 1 {
		t.Errorf("revoked %+v, told of %+v, %v", revoked, told, err)
	}
	b.restart()
	b.expect("once the last was taken back")
	if _, err := b.Revoke("c", func(Grant) error { return nil }); !errors.Is(err, ErrNone) {
		t.Errorf("to take back what is gone: %v", err)
	}
}

// TestAGrantOfAWrongClockEndsWithIt has a clock be a year ahead: what was granted
// until tomorrow must not hold for a year and a day.
func TestAGrantOfAWrongClockEndsWithIt(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	right := b.now
	b.now = right.AddDate(1, 0, 0)
	b.add("a")
	b.now = b.now.Add(-clockSlack)
	b.expect("when the clock was set back by a little", "a")
	b.now = right
	b.restart()
	b.expect("when the clock is right again")
	b.add("b")
	b.expect("as of now", "b")
}

func TestAGrantThatNoAccountIsKeptOfDoesNotCount(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	full := errors.New("the disk is full")
	if err := b.Add(b.grant("a"), func() error { return full }); !errors.Is(err, full) {
		t.Errorf("got %v", err)
	}
	b.expect("without an account")
	b.add("a")
	if _, err := b.Revoke("a", func(Grant) error { return full }); !errors.Is(err, full) {
		t.Errorf("got %v", err)
	}
	b.expect("what is taken back is, whatever the account says")
}

func TestAGrantThatIsNotOnTheDiskDoesNotCount(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	if err := os.WriteFile(filepath.Join(b.dir, "sealed"), nil, 0o600); err != nil { // where a directory has to be
		t.Fatal(err)
	}
	if err := b.Add(b.grant("a"), func() error { return nil }); err == nil || !strings.Contains(err.Error(), "keep the approvals") {
		t.Errorf("got %v", err)
	}
	b.expect("after that")
}

func TestOfManyWhoApproveAtOnceOneDoes(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	var first, accounts atomic.Int32
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			switch err := b.Add(b.grant("a"), func() error { accounts.Add(1); return nil }); {
			case err == nil:
				first.Add(1)
			case !errors.Is(err, ErrGranted):
				t.Error(err)
			}
		})
	}
	all.Wait()
	if first.Load() != 1 || accounts.Load() != 1 {
		t.Errorf("%d have approved, of %d accounts", first.Load(), accounts.Load())
	}
}

func TestGrantsWithOneIDAreReplacedAndTakenBackTogether(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.add("b")
	of := func(stack, by string) Grant {
		g := b.grant("a")
		g.Stack, g.By = stack, by
		return g
	}
	for _, grants := range [][]Grant{{of("net", "first"), of("db", "first")}, {of("net", "second"), of("web", "second")}} {
		if err := b.Replace(grants, func() error { return nil }); err != nil {
			t.Fatal(err)
		}
	}
	full := errors.New("the disk is full")
	if err := b.Replace([]Grant{of("net", "third")}, func() error { return full }); !errors.Is(err, full) {
		t.Errorf("got %v", err)
	}
	b.restart()
	var got []string
	for _, g := range b.All() {
		got = append(got, g.ID+" "+g.Stack+" "+g.By)
	}
	if diff := cmp.Diff([]string{"b net on-call", "a db first", "a net second", "a web second"}, got); diff != "" {
		t.Errorf("granted (-want +got):\n%s", diff)
	}
	var told []string
	revoked, err := b.Revoke("a", func(g Grant) error { told = append(told, g.Stack); return nil })
	if err != nil || len(revoked) != 3 || !slices.Equal(told, []string{"db", "net", "web"}) {
		t.Errorf("revoked %+v, told of %q, %v", revoked, told, err)
	}
	b.restart()
	b.expect("once they were taken back", "b")
}

// TestKindsAreApart: who acknowledges a drift has approved of nothing else.
func TestKindsAreApart(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	other, err := Open(b.dir, Drift, func() time.Time { return b.now })
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Replace([]Grant{b.grant("a")}, func() error { return nil }); err != nil {
		t.Fatal(err)
	}
	b.restart()
	b.expect("of remedies")
}

// TestAFileOfAnotherDirectoryGrantsNothing: what was sealed with another key is
// worth as little as what is damaged.
func TestAFileOfAnotherDirectoryGrantsNothing(t *testing.T) {
	t.Parallel()
	from, to := newBench(t), newBench(t)
	from.add("a")
	to.add("b")
	content, err := os.ReadFile(from.file())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to.file(), content, 0o600); err != nil {
		t.Fatal(err)
	}
	to.restart()
	to.expect("with the file of another")
}

// FuzzADamagedFile changes a byte, and cuts the file off.
func FuzzADamagedFile(f *testing.F) {
	f.Add(0, byte(1), 0)
	f.Add(40, byte(0xff), 0)
	f.Add(0, byte(0), 1)
	f.Add(0, byte(0), 1<<20)
	f.Fuzz(func(t *testing.T, at int, flip byte, missing int) {
		b := newBench(t)
		b.add("a", "b")
		file := b.file()
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		whole := slices.Clone(content)
		content = content[:len(content)-min(max(missing, 0), len(content))]
		if 0 <= at && at < len(content) {
			content[at] ^= flip
		}
		if err := os.WriteFile(file, content, fs.FileMode(0o600)); err != nil {
			t.Fatal(err)
		}
		b.restart()
		if slices.Equal(whole, content) {
			b.expect("of a file that is whole", "a", "b")
			return
		}
		b.expect("of a file that is damaged")
		b.add("c")
		b.restart()
		b.expect("what is approved after that", "c")
	})
}
