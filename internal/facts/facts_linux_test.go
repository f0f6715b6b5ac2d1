package facts

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin/schema"
)

func TestNames(t *testing.T) {
	want := []string{"apparmor", "cpu", "custom", "disk", "dmi", "host", "memory", "mount", "network", "os", "package", "selinux", "service", "user", "virtual"}
	if diff := cmp.Diff(want, New(Options{}).Names()); diff != "" {
		t.Errorf("the groups differ (-want +got):\n%s", diff)
	}
}

func TestTypeIsKnownWithoutGathering(t *testing.T) {
	f := New(Options{})
	tests := map[string]struct {
		group string
		path  cty.Path
		want  cty.Type
	}{
		"an attribute of an object":       {"os", cty.GetAttrPath("id"), cty.String},
		"a number":                        {"cpu", cty.GetAttrPath("logical"), cty.Number},
		"an attribute of a map's element": {"mount", cty.IndexStringPath("/").GetAttr("size"), cty.Number},
		"a nested map":                    {"disk", cty.IndexStringPath("sda").GetAttr("partitions").IndexString("sda1").GetAttr("uuid"), cty.String},
		"a nested object":                 {"network", cty.GetAttrPath("default_ipv4").GetAttr("address"), cty.String},
		"a map of text":                   {"package", cty.GetAttrPath("list").IndexString("bash"), cty.String},
		"custom facts can be anything":    {"custom", nil, cty.DynamicPseudoType},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			group, ok := f.Type(tt.group)
			if !ok {
				t.Fatalf("there is no group %s", tt.group)
			}
			got, err := tt.path.Apply(cty.UnknownVal(group))
			if err != nil {
				t.Fatal(err)
			}
			if got.Type() != tt.want {
				t.Errorf("the type is %s, want %s", got.Type().FriendlyName(), tt.want.FriendlyName())
			}
		})
	}
	if _, ok := f.Type("oss"); ok {
		t.Error("there is a group oss")
	}
}

func TestEveryFactIsDocumented(t *testing.T) {
	f := New(Options{})
	for _, name := range f.Names() {
		doc, ok := f.Doc(name)
		if !ok || doc.Name != name {
			t.Errorf("the documentation of %s is that of %q", name, doc.Name)
		}
		checkDocumented(t, name, &doc)
	}
	if _, ok := f.Doc("oss"); ok {
		t.Error("there is a group oss")
	}
}

func checkDocumented(t *testing.T, place string, n *schema.Nested) {
	t.Helper()
	if n.Doc == "" {
		t.Errorf("%s has no documentation", place)
	}
	if n.Nesting == schema.Map && n.Label == "" {
		t.Errorf("%s doesn't say what its keys are", place)
	}
	for _, a := range n.Attributes {
		if a.Doc == "" || !strings.HasSuffix(a.Doc, ".") {
			t.Errorf("%s.%s is documented with %q: want sentences", place, a.Name, a.Doc)
		}
		if !a.Computed {
			t.Errorf("%s.%s is not marked as computed", place, a.Name)
		}
	}
	for i := range n.Blocks {
		checkDocumented(t, place+"."+n.Blocks[i].Name, &n.Blocks[i])
	}
}

// TestStructsHaveTheTypesOfTheSchemas makes sure that a fact can't be null
// only because its field bears another name.
func TestStructsHaveTheTypesOfTheSchemas(t *testing.T) {
	structs := map[string]any{
		"host": host{}, "os": operatingSystem{}, "cpu": cpu{}, "memory": memory{}, "disk": disk{}, "mount": mount{}, "network": network{},
		"virtual": virtual{}, "package": packages{}, "service": services{}, "user": account{}, "dmi": dmi{}, "selinux": selinux{}, "apparmor": apparmor{},
	}
	f := New(Options{})
	for _, name := range f.Names() {
		if name == "custom" {
			continue
		}
		g := f.groups[name]
		checkFields(t, name, g.ImpliedType(), reflect.TypeOf(structs[name]))
	}
}

func checkFields(t *testing.T, place string, want cty.Type, got reflect.Type) {
	t.Helper()
	for got.Kind() == reflect.Pointer || got.Kind() == reflect.Map || got.Kind() == reflect.Slice {
		if want.IsCollectionType() {
			want = want.ElementType()
		}
		got = got.Elem()
	}
	if !want.IsObjectType() {
		return
	}
	fields := map[string]bool{}
	for field := range got.Fields() {
		if name, ok := field.Tag.Lookup("cty"); ok {
			fields[name] = true
			if !want.HasAttribute(name) {
				t.Errorf("the schema of %s has no %s", place, name)
				continue
			}
			checkFields(t, place+"."+name, want.AttributeType(name), field.Type)
		}
	}
	for name := range want.AttributeTypes() {
		if !fields[name] {
			t.Errorf("%s has no field for %s", got, name)
		}
	}
}

func TestStatic(t *testing.T) {
	f := New(Options{})
	tests := map[string]struct {
		group, attribute string
		want             bool
	}{
		"the distribution stays":              {"os", "id", true},
		"the hostname stays":                  {"host", "hostname", true},
		"the uptime changes":                  {"host", "uptime_seconds", false},
		"the clock of a processor changes":    {"cpu", "mhz", false},
		"the number of processors stays":      {"cpu", "logical", true},
		"packages come and go":                {"package", "list", false},
		"a mount comes and goes":              {"mount", "size", false},
		"custom facts may change at any time": {"custom", "anything", false},
		"what isn't there isn't static":       {"os", "idd", false},
		"a group that isn't there":            {"oss", "id", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := f.Static(tt.group, tt.attribute); got != tt.want {
				t.Errorf("Static(%s, %s) = %t", tt.group, tt.attribute, got)
			}
		})
	}
	for name, g := range f.groups {
		for _, attribute := range g.varies {
			if _, ok := g.Attribute(attribute); !ok {
				t.Errorf("%s has no %s that could vary", name, attribute)
			}
		}
	}
}

// counting makes the facts of a fixture count how often a group is gathered.
func counting(t *testing.T, fixtureName string) (*Facts, func(string) int64) {
	t.Helper()
	f := unpack(t, fixtureName).facts(t)
	counts := map[string]*atomic.Int64{}
	for name, g := range f.groups {
		inner, count := g.gather, new(atomic.Int64)
		counts[name] = count
		g.gather = func(ctx context.Context, f *Facts) any {
			count.Add(1)
			return inner(ctx, f)
		}
		f.groups[name] = g
	}
	return f, func(name string) int64 { return counts[name].Load() }
}

func TestOnlyTheNamedGroupIsGathered(t *testing.T) {
	f, count := counting(t, "testdata/debian.txtar")
	gather(t, f, "package")
	for _, name := range f.Names() {
		want := int64(0)
		if name == "package" {
			want = 1
		}
		if got := count(name); got != want {
			t.Errorf("%s was gathered %d times, want %d", name, got, want)
		}
	}
}

func TestAGroupIsGatheredOnceForAll(t *testing.T) {
	f, count := counting(t, "testdata/debian.txtar")
	values := make([]cty.Value, 20)
	var wg sync.WaitGroup
	for i := range values {
		wg.Go(func() { values[i], _ = f.Gather(t.Context(), "host") })
	}
	wg.Wait()
	if n := count("host"); n != 1 {
		t.Errorf("gathered %d times, want once", n)
	}
	for _, v := range values {
		if v == cty.NilVal || !v.RawEquals(values[0]) {
			t.Fatalf("one got %#v, another %#v", v, values[0])
		}
	}
}

func TestRefreshForgetsWhatMayHaveChanged(t *testing.T) {
	f, count := counting(t, "testdata/debian.txtar")
	for range 2 {
		gather(t, f, "package")
		gather(t, f, "host")
		gather(t, f, "os")
		f.Refresh()
	}
	for name, want := range map[string]int64{"package": 2, "host": 2, "os": 1} {
		if got := count(name); got != want {
			t.Errorf("%s was gathered %d times, want %d", name, got, want)
		}
	}
}

func TestGatherThatIsCutShortIsNotKept(t *testing.T) {
	f := unpack(t, "testdata/debian.txtar").facts(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	stop := errors.New("stop")
	cancel(stop)
	if _, err := f.Gather(ctx, "mount"); !errors.Is(err, stop) {
		t.Fatalf("the error is %v, want the cause of the context", err)
	}
	mounts := gather(t, f, "mount")
	if mounts.Index(cty.StringVal("/")).GetAttr("size").IsNull() {
		t.Error("the facts that were cut short are those that the next one gets")
	}
}

func TestGatherWaitsNoLongerThanItsContext(t *testing.T) {
	f := unpack(t, "testdata/debian.txtar").facts(t)
	started, release := make(chan struct{}), make(chan struct{})
	g := f.groups["os"]
	g.gather = func(ctx context.Context, f *Facts) any {
		close(started)
		<-release
		return gatherOS(ctx, f)
	}
	f.groups["os"] = g
	var wg sync.WaitGroup
	wg.Go(func() {
		if _, err := f.Gather(t.Context(), "os"); err != nil {
			t.Error(err)
		}
	})
	<-started
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, err := f.Gather(ctx, "os"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the error of the one who waits is %v", err)
	}
	close(release)
	wg.Wait()
}

func TestGatherNamesTheGroupsThatThereAre(t *testing.T) {
	_, err := New(Options{}).Gather(t.Context(), "oss")
	if err == nil || !strings.Contains(err.Error(), `"oss"`) || !strings.Contains(err.Error(), "network, os, package") {
		t.Errorf("the error is %v", err)
	}
}

func TestAnEmptyHostHasNullsAndNoErrors(t *testing.T) {
	f := fixture{root: t.TempDir()}.facts(t)
	for _, name := range f.Names() {
		value := gather(t, f, name)
		want, _ := f.Type(name)
		if want != cty.DynamicPseudoType && !value.Type().Equals(want) {
			t.Errorf("%s has the type %s, want %s", name, value.Type().FriendlyName(), want.FriendlyName())
		}
		if !value.IsWhollyKnown() {
			t.Errorf("%s is not known: %#v", name, value)
		}
	}
	if !slices.Equal(f.Names(), New(Options{}).Names()) {
		t.Error("the groups depend on the host")
	}
}
