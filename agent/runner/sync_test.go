package runner

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestSync(t *testing.T) {
	tests := []struct {
		name     string
		old, new string
		want     Report
		journal  string
	}{
		{"from nothing all are started, dependencies first", "", "source:1<pipeline pipeline:1<sink sink:1",
			Report{Started: []string{"pipeline", "sink", "source"}}, "+sink:1, +pipeline:1, +source:1"},
		{"what stays the same is not touched", "sink:1 pipeline:1<sink", "pipeline:1<sink sink:1",
			Report{Kept: []string{"pipeline", "sink"}}, ""},
		{"to nothing all are stopped, dependents first", "sink:1 pipeline:1<sink source:1<pipeline", "",
			Report{Stopped: []string{"pipeline", "sink", "source"}}, "-source:1, -pipeline:1, -sink:1"},
		{"a changed one is restarted and its dependents are not", "sink:1 pipeline:1<sink", "sink:2 pipeline:1<sink",
			Report{Kept: []string{"pipeline"}, Restarted: []string{"sink"}}, "-sink:1, +sink:2"},
		{"all are stopped before the first is started", "a:1 b:1<a", "a:2 c:1<a",
			Report{Restarted: []string{"a"}, Started: []string{"c"}, Stopped: []string{"b"}}, "-b:1, -a:1, +a:2, +c:1"},
		{"order holds across a unit that is kept", "a:1 b:1<a c:1<b", "a:2 b:1<a c:2<b",
			Report{Kept: []string{"b"}, Restarted: []string{"a", "c"}}, "-c:1, -a:1, +a:2, +c:2"},
		{"an edge may turn around", "a:1<b b:1", "a:2 b:1<a",
			Report{Kept: []string{"b"}, Restarted: []string{"a"}}, "-a:1, +a:2"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var j journal
				r := newRunner(t, Options{})
				syncUnits(t, r, j.units(test.old)...)
				synctest.Wait()
				j.take()
				report := syncUnits(t, r, j.units(test.new)...)
				synctest.Wait()
				if diff := cmp.Diff(test.want, report); diff != "" {
					t.Errorf("report (-want +got):\n%s", diff)
				}
				equal(t, "journal", j.take(), test.journal)
			})
		})
	}
}

func TestInvalidSetChangesNothing(t *testing.T) {
	var j journal
	tests := []struct {
		name  string
		units []Unit
		want  string
	}{
		{"a circle is shown as a path", j.units("z:1<a a:1<b b:1<c c:1<a"), "a → b → c → a"},
		{"a unit depends on itself", j.units("a:1<a"), "a → a"},
		{"two of one name", j.units("a:1 a:2"), "two of the name a"},
		{"a dependency that isn't there", j.units("a:1<b"), "a depends on b, which is not among them"},
		{"no way to start", []Unit{{Name: "a"}}, `"a" lacks a name or a way to start`},
		{"no name", j.units(":1"), `"" lacks a name or a way to start`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRunner(t, Options{})
				syncUnits(t, r, j.units("live:1")...)
				synctest.Wait()
				j.take()
				_, err := r.Sync(t.Context(), test.units)
				if err == nil || !strings.Contains(err.Error(), test.want) {
					t.Errorf("got error %v, want one with %q", err, test.want)
				}
				synctest.Wait()
				equal(t, "journal", j.take(), "")
				equal(t, "state of what ran", r.Status()[0].State, Running)
			})
		})
	}
}

func TestStopEndsAllAndStartsNothingMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var j journal
		r := New(Options{})
		syncUnits(t, r, j.units("a:1 b:1<a c:1<b")...)
		synctest.Wait()
		j.take()
		if err := r.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		equal(t, "journal", j.take(), "-c:1, -b:1, -a:1")
		if _, err := r.Sync(t.Context(), j.units("a:1")); !errors.Is(err, ErrStopped) {
			t.Errorf("Sync after Stop: %v", err)
		}
		equal(t, "units in sight", len(r.Status()), 0)
	})
}

// stubborn makes a unit that goes on for so long after it was told to stop.
func (j *journal) stubborn(name, fingerprint string, d time.Duration) Unit {
	return Unit{Name: name, Fingerprint: fingerprint, Start: func(context.Context) (Service, error) {
		j.note("+%s:%s", name, fingerprint)
		return service(func(ctx context.Context) error {
			<-ctx.Done()
			time.Sleep(d)
			j.note("-%s:%s", name, fingerprint)
			return nil
		}), nil
	}}
}

func TestStopNamesThoseThatTakeTooLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var j journal
		r := New(Options{})
		syncUnits(t, r, j.stubborn("slow", "1", time.Minute), j.unit("quick:1"))
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		began := time.Now()
		err := r.Stop(ctx)
		if err == nil || !strings.Contains(err.Error(), "left behind: slow") {
			t.Errorf("got %v, want an error that names the slow unit alone", err)
		}
		equal(t, "time waited", time.Since(began), 5*time.Second)
		if err := r.Stop(t.Context()); err != nil {
			t.Errorf("stopping again, with more patience: %v", err)
		}
		equal(t, "time taken in all", time.Since(began), time.Minute)
	})
}

func TestSuccessorWaitsUntilItsPredecessorHasEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var j journal
		r := newRunner(t, Options{Timeout: time.Second})
		syncUnits(t, r, j.stubborn("slow", "1", time.Minute))
		began := time.Now()
		syncUnits(t, r, j.unit("slow:2"))
		equal(t, "time Sync took: a second to stop, a second to start", time.Since(began), 2*time.Second)
		equal(t, "journal", j.take(), "+slow:1")
		equal(t, "state", r.Status()[0].State, Starting)
		time.Sleep(time.Minute)
		synctest.Wait()
		equal(t, "journal", j.take(), "-slow:1, +slow:2")
		equal(t, "state", r.Status()[0].State, Running)
	})
}

func TestUnitLeftBehindIsForgottenWhenItEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var j journal
		r := newRunner(t, Options{Timeout: time.Second})
		syncUnits(t, r, j.stubborn("slow", "1", time.Minute))
		syncUnits(t, r)
		equal(t, "units in sight", len(r.Status()), 1)
		if diff := cmp.Diff(Report{}, syncUnits(t, r)); diff != "" {
			t.Errorf("it was reported again (-want +got):\n%s", diff)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		equal(t, "units in sight once it has ended", len(r.Status()), 0)
	})
}

func TestSyncDoesNotWaitForEverForAStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var j journal
		r := newRunner(t, Options{})
		hanging := Unit{Name: "hanging", Start: func(ctx context.Context) (Service, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}}
		dependent := j.unit("dependent:1<hanging")
		began := time.Now()
		syncUnits(t, r, hanging, dependent)
		equal(t, "time taken", time.Since(began), DefaultTimeout)
		synctest.Wait()
		equal(t, "journal", j.take(), "+dependent:1")
	})
}
