package agent

import (
	"context"
	"errors"
	"testing"

	"github.com/driftless-hq/driftless/plugin"
)

type perishable chan struct{}

func (p perishable) Lost() <-chan struct{}     { return p }
func (perishable) Close(context.Context) error { return nil }
func waits(ctx context.Context) error          { <-ctx.Done(); return nil }
func fails(context.Context) error              { return errors.New("no more room") }
func endsByItself(context.Context) error       { return nil }
func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestWorkEndsWhenAnInstanceItUsesIsLost(t *testing.T) {
	lost, sound := make(perishable), make(perishable)
	close(lost)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	tests := []struct {
		name      string
		ctx       context.Context
		work      func(context.Context) error
		instances []plugin.Instance
		want      string
	}{
		{"one of them is lost", t.Context(), waits, []plugin.Instance{sound, lost}, plugin.ErrLost.Error()},
		{"the unit is stopped", cancelled, waits, []plugin.Instance{sound}, ""},
		{"it fails of something else", t.Context(), fails, []plugin.Instance{sound}, "no more room"},
		{"it has done its work", t.Context(), endsByItself, []plugin.Instance{sound}, ""},
		{"nothing in it can be lost", cancelled, waits, nil, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := text(untilLost(test.ctx, test.work, test.instances...)); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
