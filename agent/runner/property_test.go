package runner

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestManyReloads syncs to random sets, one after the other, while units fail
// at random. Whatever happens, no two services of a name run at once, none
// runs beside a newer configuration of its own, and in the end exactly what
// is wanted runs.
func TestManyReloads(t *testing.T) {
	for seed := range uint64(30) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := &house{t: t, rand: rand.New(rand.NewPCG(seed, 0)), living: make(map[string]string)}
				r := newRunner(t, Options{Timeout: time.Second})
				var wanted []Unit
				for range 100 {
					wanted = h.units()
					syncUnits(t, r, wanted...)
					time.Sleep(time.Duration(h.below(2000)) * time.Millisecond)
				}
				h.calm()
				time.Sleep(10 * time.Minute) // every pause is over
				synctest.Wait()
				want := make(map[string]string)
				for _, u := range wanted {
					want[u.Name] = u.Fingerprint
				}
				if diff := cmp.Diff(want, h.now()); diff != "" {
					t.Errorf("what runs in the end (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// house is where services live.
type house struct {
	t *testing.T

	mu     sync.Mutex
	rand   *rand.Rand
	quiet  bool
	living map[string]string // fingerprints by name
}

// units makes a random set: a unit depends on some of those before it in a
// random order.
func (h *house) units() []Unit {
	h.mu.Lock()
	defer h.mu.Unlock()
	var units []Unit
	for _, i := range h.rand.Perm(8)[:h.rand.IntN(9)] {
		u := Unit{Name: fmt.Sprint("unit", i), Fingerprint: fmt.Sprint(h.rand.IntN(3))}
		for _, other := range units {
			if h.rand.IntN(3) == 0 {
				u.DependsOn = append(u.DependsOn, other.Name)
			}
		}
		u.Start = func(context.Context) (Service, error) { return h.start(u) }
		units = append(units, u)
	}
	slices.Reverse(units)
	return units
}

func (h *house) start(u Unit) (Service, error) {
	if h.trouble(4) {
		return nil, errors.New("the port is taken")
	}
	h.enter(u)
	return service(func(ctx context.Context) error {
		defer h.leave(u)
		if h.trouble(4) {
			sleep(ctx, time.Duration(h.below(1000))*time.Millisecond)
			return errors.New("connection lost")
		}
		<-ctx.Done()
		if h.trouble(10) {
			time.Sleep(time.Duration(h.below(5000)) * time.Millisecond) // later than the runner waits
		}
		return nil
	}), nil
}

func (h *house) enter(u Unit) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if other, ok := h.living[u.Name]; ok {
		h.t.Errorf("%s:%s starts while %s:%s has not ended", u.Name, u.Fingerprint, u.Name, other)
	}
	h.living[u.Name] = u.Fingerprint
}

func (h *house) leave(u Unit) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.living, u.Name)
}

func (h *house) now() map[string]string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return maps.Clone(h.living)
}

// trouble is true once in n times, until there is calm.
func (h *house) trouble(n int) bool { return h.below(n) == 0 && !h.isQuiet() }

func (h *house) below(n int) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.rand.IntN(n)
}

func (h *house) calm() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.quiet = true
}

func (h *house) isQuiet() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.quiet
}
