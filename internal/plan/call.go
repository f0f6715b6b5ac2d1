package plan

import (
	"context"
	"fmt"
	"runtime/debug"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/plugin"
)

// call calls a provider on behalf of a task or a source. A panic becomes an
// error, the timeout is told where it is the reason, and nothing that is
// sensitive gets out.
func (s *Session) call(ctx context.Context, m member, did string, work func() plugin.Diagnostics) (diags hcl.Diagnostics) {
	defer func() {
		if p := recover(); p != nil {
			text := s.graph.Hidden().String(fmt.Sprint(p))
			if m.node.Meta.Sensitive {
				text = Masked
			}
			s.Log.Error("a provider panicked", "address", m.node.Addr.String(), "panic", text, "stack", string(debug.Stack()))
			diags = s.problem(m.node, "Provider failed", "The provider of %s panicked while it %s: %s. This is a bug in the provider; the log has the stack.", m.node.Type.Ref, did, text)
		}
	}()
	found := work()
	explainTimeout(ctx, found)
	diags = s.graph.Locate(m.node, found)
	if m.node.Meta.Sensitive {
		silence(diags)
	}
	return diags
}

// silence leaves of what a provider says of a sensitive task no more than what
// happened: any text may quote what the task has learnt.
func silence(diags hcl.Diagnostics) {
	for _, d := range diags {
		d.Detail = "What there is to say isn't shown, because the task is sensitive. To see it, run the task with sensitive = false where that does no harm."
	}
}

// problem makes a diagnostic of an error that the core found.
func (s *Session) problem(n *eval.Node, summary, format string, args ...any) hcl.Diagnostics {
	return s.graph.Locate(n, plugin.Error(nil, summary, format, args...))
}

// timeoutError is why the context of a task ended when its time was over.
type timeoutError struct{ node *eval.Node }

func (e timeoutError) Error() string {
	return fmt.Sprintf("the timeout of %s, %s, is over; raise it, or look at what it waits for", e.node.Addr, e.node.Meta.Timeout)
}

// withTimeout bounds one plan or one apply of a task.
func withTimeout(ctx context.Context, n *eval.Node) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, n.Meta.Timeout, timeoutError{n})
}

// explainTimeout adds to the errors of a provider that only saw its context
// end why it has ended.
func explainTimeout(ctx context.Context, diags plugin.Diagnostics) {
	cause, isTimeout := context.Cause(ctx).(timeoutError)
	if !isTimeout {
		return
	}
	for i, d := range diags {
		if d.Severity == plugin.SeverityError && !strings.Contains(d.Detail, cause.Error()) {
			diags[i].Detail = strings.TrimRight(d.Detail, ". \n") + ": " + cause.Error() + "."
		}
	}
}

// checkChange makes sure that a provider planned what a plan can hold.
func checkChange(n *eval.Node, cfg cty.Value, c plugin.Change) error {
	switch c.Action {
	case plugin.NoOp, plugin.Create, plugin.Update, plugin.Replace, plugin.Delete, plugin.Run:
	default:
		return fmt.Errorf("the action %q", c.Action)
	}
	if err := checkValue(n, cfg, c.Before); err != nil {
		return fmt.Errorf("a value before the change %w", err)
	}
	if err := checkValue(n, cfg, c.After); err != nil {
		return fmt.Errorf("a value after the change %w", err)
	}
	return nil
}

// checkValue makes sure that a value is of the type of the schema.
func checkValue(n *eval.Node, cfg, v cty.Value) error {
	if v == cty.NilVal {
		return fmt.Errorf("that is missing")
	}
	if v.Type().Equals(cfg.Type()) {
		return nil
	}
	for _, err := range v.Type().TestConformance(n.Type.Schema.ImpliedType()) {
		return fmt.Errorf("that is not of its type: %w", err)
	}
	return nil
}
