package plugintest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/event"
)

// conformExample opens an example and asks it, in both ways.
func conformExample(t *testing.T, p pair, e Example) {
	t.Helper()
	kind, ok := typeOf(p.direct.manifest, e.Type)
	if !ok {
		t.Fatalf("the provider has no %s", e.Type)
	}
	var answers []string
	for _, w := range []*world{p.direct, p.wire} {
		instance := w.open(t, e)
		if err := checkKind(kind, instance); err != nil {
			t.Error(err)
		}
		answer := ask(t, w, instance)
		answers = append(answers, answer)
		if err := checkCancelled(w, instance); err != nil {
			t.Error(err)
		}
		for _, secret := range secretsOf(kind.Schema, w.request(t, e).Config) {
			if err := exposed(secret, w.logs.String()); err != nil {
				t.Error(err)
			}
		}
		if err := errors.Join(instance.Close(t.Context()), instance.Close(t.Context())); err != nil {
			t.Errorf("close %s twice: %s", e.Type, err)
		}
	}
	if err := difference("what "+e.String()+" answers", answers[0], answers[1]); err != nil {
		t.Error(err)
	}
}

// kinds returns the kinds that the methods of an instance make it.
func kinds(instance plugin.Instance) []string {
	var found []string
	add := func(name string, is bool) {
		if is {
			found = append(found, name)
		}
	}
	_, task := instance.(plugin.Task)
	_, data := instance.(plugin.Data)
	_, source := instance.(plugin.Source)
	_, collector := instance.(plugin.Collector)
	_, stage := instance.(plugin.Stage)
	_, sink := instance.(plugin.Sink)
	add("Task", task)
	add("Data", data)
	add("Source", source)
	add("Collector", collector)
	add("Stage", stage)
	add("Sink", sink)
	return found
}

// checkKind returns an error unless the instance is exactly what its type says.
func checkKind(t plugin.Type, instance plugin.Instance) error {
	want := strings.ToUpper(string(t.Ref.Kind[:1])) + string(t.Ref.Kind[1:])
	if t.Ref.Kind == plugin.KindSource && !t.Emits {
		want = "Data"
	}
	if got := kinds(instance); !slices.Equal(got, []string{want}) {
		return fmt.Errorf("an instance of %s implements %q of the interfaces of instances; it has to implement %s, and no other", t.Ref, got, want)
	}
	return nil
}

// ask returns what an instance answers to what changes nothing. What is
// measured changes between two answers; that it is measured doesn't.
func ask(t *testing.T, w *world, instance plugin.Instance) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	switch one := instance.(type) {
	case plugin.Task:
		change, diags := one.Plan(ctx, NewHost(w.dir))
		if diags.HasErrors() {
			return describeDiagnostics(diags)
		}
		return describeDiagnostics(diags) + describeChange(change)
	case plugin.Data:
		v, diags := one.Read(ctx)
		return describeDiagnostics(diags) + describeValue(v) + measured(ctx, one)
	case plugin.Collector:
		var batch event.Batch
		err := one.Collect(ctx, event.NewBuilder(&batch))
		return fmt.Sprintf("error %v\n%s", err, strings.Join(families(&batch), "\n"))
	case plugin.Stage:
		batch := samples()
		err := one.Process(ctx, batch)
		return fmt.Sprintf("error %v\n%s", err, describeBatch(batch))
	}
	return "" // a source emits and a sink delivers, which Acceptance looks at
}

// measured are the names of what a source of values tells of its reads.
func measured(ctx context.Context, one plugin.Data) string {
	m, ok := one.(plugin.Measurer)
	if !ok {
		return ""
	}
	var batch event.Batch
	if err := m.Measure(ctx, event.NewBuilder(&batch)); err != nil {
		return "error " + err.Error()
	}
	return strings.Join(families(&batch), "\n")
}

// checkCancelled calls the methods of an instance with a context that has
// ended.
func checkCancelled(w *world, instance plugin.Instance) error {
	switch one := instance.(type) {
	case plugin.Task:
		return promptly("plan with a context that has ended", func(ctx context.Context) { one.Plan(ctx, NewHost(w.dir)) })
	case plugin.Data:
		return promptly("read with a context that has ended", func(ctx context.Context) { one.Read(ctx) })
	case plugin.Collector:
		return promptly("collect with a context that has ended", func(ctx context.Context) {
			_ = one.Collect(ctx, event.NewBuilder(new(event.Batch))) // that it returns is all
		})
	case plugin.Source:
		return promptly("run with a context that has ended", func(ctx context.Context) {
			_ = one.Run(ctx, refusing{}) // that it returns is all
		})
	case plugin.Sink:
		return promptly("write with a context that has ended", func(ctx context.Context) {
			_ = one.Write(ctx, samples()) // that it returns is all
		})
	}
	return nil // a stage is not cancelled
}

// refusing takes no events.
type refusing struct{}

var _ plugin.Emitter = refusing{}

// Emit implements [plugin.Emitter].
func (refusing) Emit(ctx context.Context, _ *event.Batch, _ func(error)) error {
	<-ctx.Done()
	return ctx.Err()
}

// families returns the names of the metrics in a batch, each once and sorted.
func families(b *event.Batch) []string {
	seen := make(map[string]bool)
	var names []string
	for i := range b.Len() {
		if family, _ := b.Metric(i); family != nil && !seen[family.Name] {
			seen[family.Name] = true
			names = append(names, family.Type.String()+" "+family.Name+" "+family.Help)
		}
	}
	slices.Sort(names)
	return names
}
