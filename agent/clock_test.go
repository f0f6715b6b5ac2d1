package agent

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/driftless-hq/driftless/internal/catalog"
)

// underClock runs what an agent runs but its API, in a bubble whose time passes
// as soon as nothing else is to be done. It is midnight in UTC when it begins.
func underClock(t *testing.T, l *lab, configuration string, test func(t *testing.T, a *Agent)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := &running{t: t, dir: t.TempDir()}
		r.configure(configuration)
		c, err := catalog.New(t.Context(), l)
		if err != nil {
			t.Fatal(err)
		}
		graph, diags := loadGraph(t.Context(), r.dir, c)
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		a, err := open(Options{Catalog: c, DataDir: t.TempDir(), Log: hclog.NewNullLogger(), Now: time.Now}, graph.Agent)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		if err := a.sync(ctx, graph); err != nil {
			t.Fatal(err)
		}
		done := make(chan error, 1)
		go func() { done <- a.work(ctx, nil) }()
		test(t, a)
		cancel()
		err = errors.Join(<-done, a.runner.Stop(context.WithoutCancel(ctx)), a.history.Close(), a.positions.Close())
		if a.bus.Close(); err != nil {
			t.Error(err)
		}
	})
}

// at lets the time pass up to so long after the beginning.
func at(began time.Time, after time.Duration) {
	time.Sleep(time.Until(began.Add(after)))
	synctest.Wait()
}

func TestAScheduleIsKeptNightAfterNight(t *testing.T) {
	l := newLab()
	underClock(t, l, `
task "lab" "nightly" { schedule = "CRON_TZ=UTC 0 3 * * *" }
task "lab" "often" { interval = "1h" }
`, func(t *testing.T, _ *Agent) {
		const day = 24 * time.Hour
		began := time.Now()
		for night := range 5 {
			at(began, time.Duration(night)*day+3*time.Hour-time.Second)
			if n := l.count("plan task.lab.nightly"); n != night {
				t.Fatalf("before the night %d it was run %d times", night, n)
			}
			at(began, time.Duration(night)*day+3*time.Hour+maxDelay)
			if n := l.count("plan task.lab.nightly"); n != night+1 {
				t.Fatalf("after the night %d it was run %d times", night, n)
			}
		}
		if n := l.count("plan task.lab.often"); n < 4*24+4 || n > 5*24+1 {
			t.Errorf("in 99 hours what is due every hour, or a little before, was run %d times", n)
		}
	})
}

func TestATimeThatPassesWhileATaskRunsIsMadeUpForOnce(t *testing.T) {
	l := newLab()
	underClock(t, l, `
task "lab" "a" {
  schedule = "CRON_TZ=UTC 0 * * * *"
  timeout  = "12h"
}
`, func(t *testing.T, _ *Agent) {
		release := l.block("task.lab.a")
		began := time.Now()
		at(began, 4*time.Hour+30*time.Minute) // it began at 1 o'clock
		if n := l.count("plan task.lab.a"); n != 1 {
			t.Errorf("beside itself it was run %d times", n)
		}
		release()
		at(began, 4*time.Hour+40*time.Minute)
		if n := l.count("plan task.lab.a"); n != 2 {
			t.Errorf("at its end it was run %d times in all", n)
		}
		at(began, 5*time.Hour+maxDelay)
		if n := l.count("plan task.lab.a"); n != 3 {
			t.Errorf("after its next time it was run %d times in all", n)
		}
	})
}

func TestATaskIsRunWhenASourceOfItIsBack(t *testing.T) {
	l := newLab()
	l.fail("source.value.v", true)
	underClock(t, l, `
source "value" "v" { poll_interval = "1m" }
task "lab" "a" {
  text     = source.value.v.said
  interval = "12h"
}
`, func(t *testing.T, _ *Agent) {
		began := time.Now()
		at(began, time.Hour)
		if n := l.count("plan task.lab.a"); n != 0 {
			t.Errorf("it was planned %d times without its source", n)
		}
		l.say("source.value.v", "one")
		l.fail("source.value.v", false)
		at(began, time.Hour+time.Minute)
		if n := l.count("open task.lab.a one"); n != 1 {
			t.Errorf("within a minute it was run %d times", n)
		}
		at(began, 2*time.Hour)
		if n := l.count("plan task.lab.a"); n != 1 {
			t.Errorf("it was run %d times in all", n)
		}
	})
}
