package runner

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// journal notes what happens to services, in order.
type journal struct {
	mu      sync.Mutex
	entries []string
}

func (j *journal) note(format string, args ...any) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.entries = append(j.entries, fmt.Sprintf(format, args...))
}

// take returns what was noted since the last time.
func (j *journal) take() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	all := strings.Join(j.entries, ", ")
	j.entries = nil
	return all
}

// service is a Service made of a function.
type service func(ctx context.Context) error

func (s service) Run(ctx context.Context) error { return s(ctx) }

// unit makes a unit whose services note their start and their end. Its text
// is its name, a colon, its fingerprint, and after a "<" what it depends on:
// "pipeline:1<sink,disk".
func (j *journal) unit(text string) Unit {
	head, deps, _ := strings.Cut(text, "<")
	name, fingerprint, _ := strings.Cut(head, ":")
	u := Unit{Name: name, Fingerprint: fingerprint}
	if deps != "" {
		u.DependsOn = strings.Split(deps, ",")
	}
	u.Start = func(context.Context) (Service, error) {
		j.note("+%s:%s", name, fingerprint)
		return service(func(ctx context.Context) error {
			<-ctx.Done()
			j.note("-%s:%s", name, fingerprint)
			return ctx.Err()
		}), nil
	}
	return u
}

func (j *journal) units(text string) []Unit {
	var units []Unit
	for one := range strings.FieldsSeq(text) {
		units = append(units, j.unit(one))
	}
	return units
}

func newRunner(t *testing.T, o Options) *Runner {
	t.Helper()
	r := New(o)
	t.Cleanup(func() {
		if err := r.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return r
}

func syncUnits(t *testing.T, r *Runner, units ...Unit) Report {
	t.Helper()
	report, err := r.Sync(t.Context(), units)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}
