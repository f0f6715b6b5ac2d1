package command

import (
	"context"
	"testing"
	"time"
)

func TestGuardThatHangsIsEnded(t *testing.T) {
	var task task
	s, diags := task.settings()
	if err := diags.Err(); err != nil {
		t.Fatal(err)
	}
	s.guardTimeout = 100 * time.Millisecond
	_, diags = guard{name: "unless", args: []string{"sleep", "60"}}.ask(t.Context(), s)
	if !diags.HasErrors() || diags[0].Summary != "Guard timed out" {
		t.Errorf("diagnostics %v", diags)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 0)
	defer cancel()
	_, diags = guard{name: "unless", args: []string{"sleep", "60"}}.ask(ctx, s)
	if !diags.HasErrors() || diags[0].Summary != "Guard can't be run" {
		t.Errorf("the end of the whole run is blamed on the guard: %v", diags)
	}
}
