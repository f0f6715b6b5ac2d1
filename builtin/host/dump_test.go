package host

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/event"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// exposition is what a collection said: families by name, series by name and
// labels. An empty label is left out, as it is the same as none.
type exposition struct {
	types  map[string]string
	helps  map[string]string
	series map[string]float64
}

func expose(t *testing.T, b *event.Batch) exposition {
	t.Helper()
	e := exposition{map[string]string{}, map[string]string{}, map[string]float64{}}
	for i := range b.Len() {
		f, value := b.Metric(i)
		if f == nil {
			t.Fatalf("event %d is not a metric", i)
		}
		e.types[f.Name], e.helps[f.Name] = f.Type.String(), f.Help
		var labels []string
		for j := range b.NumFields(i) {
			name, v := b.FieldAt(i, j)
			labels = append(labels, fmt.Sprintf("%s=%q", b.Name(name), v.Text()))
		}
		key := series(f.Name, labels)
		if _, twice := e.series[key]; twice {
			t.Errorf("%s was added twice", key)
		}
		e.series[key] = value
	}
	return e
}

func series(name string, labels []string) string {
	labels = slices.DeleteFunc(labels, func(l string) bool { return strings.HasSuffix(l, `=""`) })
	slices.Sort(labels)
	return name + "{" + strings.Join(labels, ",") + "}"
}

// text is the exposition in the format of Prometheus, sorted.
func (e exposition) text() string {
	var out strings.Builder
	for _, name := range slices.Sorted(maps.Keys(e.types)) {
		fmt.Fprintf(&out, "# HELP %s %s\n# TYPE %s %s\n", name, e.helps[name], name, e.types[name])
		for _, key := range e.of(name) {
			fmt.Fprintf(&out, "%s %s\n", strings.TrimSuffix(key, "{}"), strconv.FormatFloat(e.series[key], 'g', -1, 64))
		}
	}
	return out.String()
}

// of returns the sorted series of a family.
func (e exposition) of(name string) []string {
	var keys []string
	for key := range e.series {
		if strings.HasPrefix(key, name+"{") {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

func collect(t *testing.T, c plugin.Collector) (exposition, error) {
	t.Helper()
	var out event.Builder
	err := c.Collect(t.Context(), &out)
	return expose(t, out.Batch()), err
}

func mustCollect(t *testing.T, c plugin.Collector) exposition {
	t.Helper()
	e, err := collect(t, c)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// ticking is a clock that moves on by a millisecond whenever it is looked at.
func ticking() func() time.Time {
	at := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	return func() time.Time {
		at = at.Add(time.Millisecond)
		return at
	}
}

// configuration is what the core would make of a block: what is given, the
// defaults, and null for the rest.
func configuration(b *schema.Block, given map[string]cty.Value) cty.Value {
	values := map[string]cty.Value{}
	for _, a := range b.Attributes {
		values[a.Name] = cty.NullVal(a.Type)
		if a.Default != cty.NilVal {
			values[a.Name] = a.Default
		}
	}
	for _, n := range b.Blocks {
		values[n.Name] = cty.NullVal(n.ImpliedType())
	}
	maps.Copy(values, given)
	return cty.ObjectVal(values)
}

// openType opens a type of the provider as the core would.
func openType(t *testing.T, name string, given map[string]cty.Value) (plugin.Instance, plugin.Diagnostics) {
	t.Helper()
	p := New(Options{})
	m, err := p.Manifest(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(m.Types, func(one plugin.Type) bool { return one.Ref.Name == name })
	if i < 0 {
		t.Fatalf("the provider has no type %q", name)
	}
	cfg := configuration(m.Types[i].Schema, given)
	if diags := p.Validate(t.Context(), m.Types[i].Ref, cfg); diags.HasErrors() {
		return nil, diags
	}
	instance, diags := p.Open(t.Context(), plugin.OpenRequest{
		Type:   m.Types[i].Ref,
		Addr:   "collector." + name + ".test",
		Config: cfg,
		Env:    plugin.Env{Log: hclog.NewNullLogger(), Now: time.Now},
	})
	if instance != nil {
		t.Cleanup(func() {
			if err := instance.Close(t.Context()); err != nil && t.Context().Err() == nil {
				t.Error(err)
			}
		})
	}
	return instance, diags
}
