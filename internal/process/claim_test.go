package process_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/driftless-hq/driftless/internal/process"
)

func TestAClaimIsHeldByOneRunAtATime(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "claim")
	first, err := process.Take(t.Context(), path, "first")
	if err != nil || first.DeadRun != "" {
		t.Fatalf("claim %+v, error %v", first, err)
	}
	if _, err := process.TryTake(path, "second"); !errors.Is(err, process.ErrClaimed) {
		t.Errorf("error %v", err)
	}
	enough := errors.New("enough")
	ctx, cancel := context.WithTimeoutCause(t.Context(), time.Millisecond, enough)
	defer cancel()
	if _, err := process.Take(ctx, path, "second"); !errors.Is(err, enough) {
		t.Errorf("error %v", err)
	}
	if err := first.Release(); err != nil {
		t.Fatal(err)
	}
	second, err := process.Take(t.Context(), path, "second")
	if err != nil || second.DeadRun != "" {
		t.Fatalf("claim %+v, error %v", second, err)
	}
	if err := second.Release(); err != nil {
		t.Error(err)
	}
}

func TestAClaimOfADeadRunIsTakenOver(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "claim")
	if err := os.WriteFile(path, []byte("a run that was killed"), 0o600); err != nil {
		t.Fatal(err)
	}
	claim, err := process.Take(t.Context(), path, "next")
	if err != nil || claim.DeadRun != "a run that was killed" {
		t.Fatalf("claim %+v, error %v", claim, err)
	}
	if got, err := os.ReadFile(path); string(got) != "next" || err != nil {
		t.Errorf("the file says %q, error %v", got, err)
	}
	if err := claim.Release(); err != nil {
		t.Error(err)
	}
}
