package agent

import (
	"fmt"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"github.com/driftless-hq/driftless/agent/api"
	"github.com/driftless-hq/driftless/config/cron"
	"github.com/driftless-hq/driftless/internal/history"
	"github.com/driftless-hq/driftless/internal/state"
)

// inHours is a schedule that is due at the full hour so many hours from now.
func inHours(hours int) string {
	at := time.Now().UTC().Add(time.Duration(hours) * time.Hour)
	return fmt.Sprintf("CRON_TZ=UTC 0 %d * * *", at.Hour())
}

func TestATaskWithAScheduleWaitsForItsTime(t *testing.T) {
	l := newLab()
	r := startAgent(t, l, `
task "lab" "nightly" { schedule = "`+inHours(12)+`" }
task "lab" "often" {}
`)
	r.untilNoted("plan task.lab.often", 5)
	if n := l.count("plan task.lab.nightly"); n != 0 {
		t.Errorf("it was run %d times when the agent started", n)
	}
	b := r.block("task.lab.nightly")
	if b.State != api.StatePending || b.NextRun == nil {
		t.Fatalf("the status says %s, and that the next run is at %v", b.State, b.NextRun)
	}
	if in := time.Until(*b.NextRun); in < 10*time.Hour || in > 13*time.Hour {
		t.Errorf("the next run is in %s", in)
	}
	if s := b.NextRun.Truncate(time.Hour); b.NextRun.Sub(s) > maxDelay {
		t.Errorf("the next run is at %s", b.NextRun)
	}
	if code, state := r.check("task.lab.nightly"); code != http.StatusAccepted || state != "started" {
		t.Errorf("asked for a check: %d %s", code, state)
	}
	r.untilNoted("plan task.lab.nightly", 1)
	r.untilState("task.lab.nightly", api.StateOK)
}

// wasRun notes in a data directory that task.lab.a was run.
func wasRun(t *testing.T, dir string, at time.Time) {
	t.Helper()
	dir = filepath.Join(dir, "data")
	if err := state.MakeDir(dir); err != nil {
		t.Fatal(err)
	}
	past, err := history.Open(history.Options{Path: filepath.Join(dir, "history"), Retention: time.Hour, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	run := history.Run{Task: "task.lab.a", At: at, Extent: history.Whole, Observations: []history.Observation{
		{Subject: history.Subject{Task: "task.lab.a"}, At: at, Verdict: history.Clean},
	}}
	if _, err := past.Record(run); err != nil {
		t.Fatal(err)
	}
	if err := past.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestATimeThatNoAgentWasThereForIsMadeUpFor(t *testing.T) {
	schedule := inHours(12)
	for _, tt := range []struct {
		name string
		last time.Duration // ago
		runs int
	}{
		{"the last run was before it", 50 * time.Hour, 1},
		{"the last run was after it", time.Minute, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l, dir := newLab(), t.TempDir()
			wasRun(t, dir, time.Now().Add(-tt.last))
			r := startAgentIn(t, dir, l, settings+`
task "lab" "a" { schedule = "`+schedule+`" }
task "lab" "often" {}
`)
			r.untilNoted("plan task.lab.often", 5)
			r.until("the next run is known", func() bool {
				next := r.block("task.lab.a").NextRun
				return next != nil && time.Until(*next) > time.Hour
			})
			if n := l.count("plan task.lab.a"); n != tt.runs {
				t.Errorf("it was run %d times, want %d", n, tt.runs)
			}
		})
	}
}

func TestAScheduleIsNotEarlyAndAtMostAMinuteLate(t *testing.T) {
	for _, tt := range []struct {
		text string
		late time.Duration
	}{
		{"CRON_TZ=UTC 0 3 * * *", time.Minute},
		{"CRON_TZ=UTC * * * * *", 6 * time.Second},
	} {
		s, err := cron.Parse(tt.text)
		if err != nil {
			t.Fatal(err)
		}
		at := s.Next(time.Unix(0, 0))
		for range 1000 {
			if late := delayed(s, at).Sub(at); late < 0 || late >= tt.late {
				t.Errorf("%s: %s late", tt.text, late)
			}
		}
	}
}
