package host

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/event"
	"github.com/driftless-hq/driftless/plugin/schema"
)

func TestSchemasFitTheirStructs(t *testing.T) {
	for name, check := range map[string]struct {
		block  *schema.Block
		config any
	}{
		"host":       {hostType().Schema, hostConfig{}},
		"filesystem": {filesystemType().Schema, filesystemConfig{}},
		"netdev":     {netdevType().Schema, netdevConfig{}},
		"plain":      {collectorType(partCPU, schema.Block{}).Schema, plainConfig{}},
	} {
		if err := schema.Check(check.block, check.config); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestManifestHasEveryPartAsAType(t *testing.T) {
	m, err := New(Options{Version: "1.2.3"}).Manifest(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, one := range m.Types {
		names = append(names, one.Ref.Name)
		if one.Ref.Kind != plugin.KindCollector || one.Schema.Doc == "" {
			t.Errorf("%s lacks its kind or its documentation", one.Ref)
		}
	}
	if m.Name != "host" || m.Version != "1.2.3" {
		t.Errorf("the manifest is of %s %s", m.Name, m.Version)
	}
	want := append(partNames(), typeHost, typeExec)
	if diff := cmp.Diff(slices.Sorted(slices.Values(want)), slices.Sorted(slices.Values(names))); diff != "" {
		t.Errorf("types (-want +got):\n%s", diff)
	}
}

func TestValidate(t *testing.T) {
	list := func(names ...string) cty.Value {
		var values []cty.Value
		for _, name := range names {
			values = append(values, cty.StringVal(name))
		}
		return cty.ListVal(values)
	}
	for _, test := range []struct {
		name, typ string
		given     map[string]cty.Value
		want      string // the summary
	}{
		{"defaults are valid", typeHost, nil, ""},
		{"a part may be excluded", typeHost, map[string]cty.Value{"exclude": list("cpu")}, ""},
		{"an unknown part is refused", typeHost, map[string]cty.Value{"exclude": list("cup")}, "Unknown collector"},
		{"nothing left is refused", typeHost, map[string]cty.Value{"exclude": list(partNames()...)}, "Nothing to collect"},
		{"a null name is refused", typeHost, map[string]cty.Value{"exclude": cty.ListVal([]cty.Value{cty.NullVal(cty.String)})}, "Missing collector name"},
		{"an unknown list can't be judged", typeHost, map[string]cty.Value{"exclude": cty.UnknownVal(cty.List(cty.String))}, ""},
		{"a mount needs time to answer", partFilesystem, map[string]cty.Value{"mount_timeout": cty.StringVal("0s")}, "Invalid timeout"},
		{"one device filter is valid", partNetdev, map[string]cty.Value{"include_devices": cty.StringVal("^eth")}, ""},
		{"two device filters are refused", partNetdev, map[string]cty.Value{"include_devices": cty.StringVal("^eth"), "exclude_devices": cty.StringVal("^lo$")}, "Conflicting device filters"},
		{"an unknown filter can't be judged", partNetdev, map[string]cty.Value{"include_devices": cty.UnknownVal(cty.String), "exclude_devices": cty.StringVal("^lo$")}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := New(Options{})
			m, err := p.Manifest(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			i := slices.IndexFunc(m.Types, func(one plugin.Type) bool { return one.Ref.Name == test.typ })
			diags := p.Validate(t.Context(), m.Types[i].Ref, configuration(m.Types[i].Schema, test.given))
			got := ""
			if len(diags) > 0 {
				got = diags[0].Summary
			}
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestHostMeasuresThisHost(t *testing.T) {
	instance, diags := openType(t, typeHost, nil)
	if err := diags.Err(); err != nil {
		t.Fatal(err)
	}
	e := mustCollect(t, instance.(plugin.Collector))
	for _, family := range []string{"node_cpu_seconds_total", "node_load1", "node_network_receive_bytes_total"} {
		if len(e.of(family)) == 0 {
			t.Errorf("no %s", family)
		}
	}
	for _, part := range minimal() {
		if e.series[`node_scrape_collector_success{collector="`+part+`"}`] != 1 {
			t.Errorf("%s did not succeed", part)
		}
	}
	if len(e.of("node_memory_MemTotal_bytes"))+len(e.of("node_memory_total_bytes")) != 1 {
		t.Error("no total of the memory")
	}
}

func TestExcludedPartsAreLeftOut(t *testing.T) {
	instance, diags := openType(t, typeHost, map[string]cty.Value{"exclude": cty.ListVal([]cty.Value{cty.StringVal(partCPU)})})
	if err := diags.Err(); err != nil {
		t.Fatal(err)
	}
	e := mustCollect(t, instance.(plugin.Collector))
	for _, key := range slices.Sorted(maps.Keys(e.series)) {
		if strings.HasPrefix(key, "node_cpu_") || strings.Contains(key, `collector="cpu"`) {
			t.Errorf("%s is there", key)
		}
	}
}

func TestOnePartOnItsOwn(t *testing.T) {
	instance, diags := openType(t, partLoadavg, nil)
	if err := diags.Err(); err != nil {
		t.Fatal(err)
	}
	e := mustCollect(t, instance.(plugin.Collector))
	want := []string{"node_load1", "node_load15", "node_load5", "node_scrape_collector_duration_seconds", "node_scrape_collector_success"}
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(e.types))); diff != "" {
		t.Errorf("families (-want +got):\n%s", diff)
	}
}

func TestBadPatternIsAnErrorOfOpen(t *testing.T) {
	_, diags := openType(t, partFilesystem, map[string]cty.Value{"exclude_mount_points": cty.StringVal("(")})
	if err := diags.Err(); err == nil || !strings.Contains(err.Error(), "exclude_mount_points is not a regular expression") {
		t.Errorf("got %v", err)
	}
}

func TestClosedCollectorRefusesToCollect(t *testing.T) {
	instance, _ := openType(t, partLoadavg, nil)
	for range 2 {
		if err := instance.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := collect(t, instance.(plugin.Collector)); err == nil {
		t.Error("a closed collector collected")
	}
}

// failing is a part that can't measure anything.
type failing struct{ error }

func (f failing) collect(_ context.Context, _ *round) error { return f.error }
func (failing) close() error                                { return nil }

var errBroken = errors.New("broken")

func TestOneFailingPartLeavesTheOthers(t *testing.T) {
	family := gauge("x", "A measure.")
	c := &collector{now: ticking(), turn: make(chan struct{}, 1), parts: []named{
		{name: "bad", part: failing{errBroken}},
		{name: "good", part: adding{family}},
	}}
	e, err := collect(t, c)
	if !errors.Is(err, errBroken) || !strings.Contains(err.Error(), "collector bad") {
		t.Errorf("the error is %v", err)
	}
	want := map[string]float64{
		`x{}`: 1,
		`node_scrape_collector_success{collector="bad"}`:           0,
		`node_scrape_collector_success{collector="good"}`:          1,
		`node_scrape_collector_duration_seconds{collector="bad"}`:  0.001,
		`node_scrape_collector_duration_seconds{collector="good"}`: 0.001,
	}
	if diff := cmp.Diff(want, e.series); diff != "" {
		t.Errorf("series (-want +got):\n%s", diff)
	}
}

// adding is a part that adds one sample.
type adding struct{ family *event.Family }

func (a adding) collect(_ context.Context, r *round) error {
	r.add(a.family, 1)
	return nil
}
func (adding) close() error { return nil }

func TestCollectEndsWithItsContext(t *testing.T) {
	c := &collector{now: ticking(), turn: make(chan struct{}, 1), parts: []named{{name: "good", part: adding{gauge("x", "A measure.")}}}}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out event.Builder
	if err := c.Collect(ctx, &out); !errors.Is(err, ctx.Err()) {
		t.Errorf("got %v", err)
	}
	c.turn <- struct{}{} // as if a collection were under way
	if err := c.Collect(ctx, &out); !errors.Is(err, ctx.Err()) {
		t.Errorf("waiting for its turn: got %v", err)
	}
	if err := c.Close(ctx); !errors.Is(err, ctx.Err()) {
		t.Errorf("closing: got %v", err)
	}
}
