package facts

import (
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestAHungMountHoldsUpNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := make(chan struct{})
		var asked atomic.Int64
		p := newProber(func(path string) (space, error) {
			switch path {
			case "/hung":
				asked.Add(1)
				<-hang
			case "/gone":
				return space{}, errors.New("stale file handle")
			}
			return space{size: 2, available: 1}, nil
		})
		ok := map[string]space{"/": {2, 1}, "/srv": {2, 1}}
		for range 3 {
			started := time.Now()
			if diff := cmp.Diff(ok, p.ask(t.Context(), []string{"/", "/hung", "/gone", "/srv"}), cmp.AllowUnexported(space{})); diff != "" {
				t.Errorf("the answers differ (-want +got):\n%s", diff)
			}
			if took := time.Since(started); took != patience {
				t.Errorf("it took %s, want %s", took, patience)
			}
		}
		if n := asked.Load(); n != 1 {
			t.Errorf("the mount that hangs was asked %d times, want once", n)
		}
		close(hang)
		synctest.Wait()
		if got := p.ask(t.Context(), []string{"/hung"}); len(got) != 1 {
			t.Error("the mount that hung is not asked again once it has answered")
		}
	})
}

func TestManyHungMountsHoldALimitedNumberOfThreads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := make(chan struct{})
		running := make(chan struct{}, 10*maxProbes)
		p := newProber(func(path string) (space, error) {
			if path != "/" {
				running <- struct{}{}
				<-hang
			}
			return space{}, nil
		})
		paths := []string{"/"}
		for i := range 3 * maxProbes {
			paths = append(paths, fmt.Sprintf("/hung/%d", i))
		}
		if got := p.ask(t.Context(), paths); len(got) != 1 {
			t.Errorf("%d mounts answered, want the first only", len(got))
		}
		if n := len(running); n != maxProbes {
			t.Errorf("%d were asked at the same time, want %d", n, maxProbes)
		}
		close(hang)
		synctest.Wait()
	})
}
