package catalog_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/internal/catalog"
	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// provider publishes a manifest and, but for what a test sets, does nothing.
type provider struct {
	manifest  plugin.Manifest
	err       error
	configure plugin.Diagnostics
	panics    bool
	closed    *int
}

var _ plugin.Provider = provider{}

func (p provider) Manifest(context.Context) (plugin.Manifest, error)       { return p.manifest, p.err }
func (p provider) Configure(context.Context, cty.Value) plugin.Diagnostics { return p.configure }

func (p provider) Validate(context.Context, plugin.TypeRef, cty.Value) plugin.Diagnostics {
	if p.panics {
		panic("no hope")
	}
	return plugin.Error(nil, "From "+p.manifest.Name, "x")
}

func (p provider) Open(context.Context, plugin.OpenRequest) (plugin.Instance, plugin.Diagnostics) {
	if p.panics {
		panic("no hope")
	}
	return nil, plugin.Error(nil, "From "+p.manifest.Name, "x")
}

func (p provider) Close() error {
	*p.closed++
	return p.err
}

// offering is a provider of tasks with one schema.
func offering(name string, s *schema.Block, tasks ...string) provider {
	p := provider{manifest: plugin.Manifest{Name: name}, closed: new(int)}
	for _, task := range tasks {
		p.manifest.Types = append(p.manifest.Types, plugin.Type{Ref: plugin.TypeRef{Kind: plugin.KindTask, Name: task}, Schema: s})
	}
	return p
}

func TestATypeIsThatOfItsProvider(t *testing.T) {
	one, two := offering("one", &schema.Block{}, "b", "a"), offering("two", &schema.Block{}, "c")
	c, err := catalog.New(t.Context(), one, two)
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Names(plugin.KindTask); !slices.Equal(got, []string{"a", "b", "c"}) {
		t.Errorf("names %v", got)
	}
	ref := plugin.TypeRef{Kind: plugin.KindTask, Name: "c"}
	if typ, ok := c.Type(ref); !ok || typ.Ref != ref {
		t.Errorf("type %v, %t", typ, ok)
	}
	if diags := c.Validate(t.Context(), ref, cty.EmptyObjectVal); diags[0].Summary != "From two" {
		t.Errorf("validated by %v", diags)
	}
	if _, diags := c.Open(t.Context(), plugin.OpenRequest{Type: ref}); diags[0].Summary != "From two" {
		t.Errorf("opened by %v", diags)
	}
	unknown := plugin.TypeRef{Kind: plugin.KindSink, Name: "c"}
	if _, diags := c.Open(t.Context(), plugin.OpenRequest{Type: unknown}); !diags.HasErrors() {
		t.Error("a type that there isn't was opened")
	}
	if diags := c.Validate(t.Context(), unknown, cty.EmptyObjectVal); !diags.HasErrors() {
		t.Error("a type that there isn't was validated")
	}
	if err := c.Close(); err != nil || *one.closed != 1 || *two.closed != 1 {
		t.Errorf("closed %d and %d times, %v", *one.closed, *two.closed, err)
	}
}

func TestAPanicOfAProviderIsItsError(t *testing.T) {
	p := offering("one", &schema.Block{}, "a")
	p.panics = true
	c, err := catalog.New(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	ref := plugin.TypeRef{Kind: plugin.KindTask, Name: "a"}
	_, opened := c.Open(t.Context(), plugin.OpenRequest{Type: ref})
	for _, diags := range []plugin.Diagnostics{opened, c.Validate(t.Context(), ref, cty.EmptyObjectVal)} {
		if len(diags) != 1 || !strings.Contains(diags[0].Detail, "no hope") {
			t.Errorf("%v", diags)
		}
	}
}

func TestUnsoundProvidersAreRefused(t *testing.T) {
	attr := func(a schema.Attribute) *schema.Block {
		if a.Name == "" {
			a.Name = "a"
		}
		if a.Doc == "" {
			a.Doc = "Doc."
		}
		if a.Type == cty.NilType {
			a.Type = cty.String
		}
		return &schema.Block{Attributes: []schema.Attribute{a}}
	}
	nested := func(nesting schema.Nesting, inner *schema.Block) *schema.Block {
		return &schema.Block{Blocks: []schema.Nested{{Name: "n", Nesting: nesting, Label: "l", Block: *inner}}}
	}
	for name, row := range map[string]struct {
		schema *schema.Block
		want   string
	}{
		"no schema":                         {nil, "has no schema"},
		"a name of the core":                {attr(schema.Attribute{Name: "for_each"}), `"for_each" is reserved`},
		"a meta-argument of its kind":       {attr(schema.Attribute{Name: "timeout"}), `"timeout" is reserved`},
		"a name that can't be written":      {attr(schema.Attribute{Name: "a b"}), "not an identifier"},
		"no documentation":                  {&schema.Block{Attributes: []schema.Attribute{{Name: "a", Type: cty.String}}}, "no documentation"},
		"no type":                           {&schema.Block{Attributes: []schema.Attribute{{Name: "a", Doc: "Doc."}}}, "has no type"},
		"required and computed":             {attr(schema.Attribute{Required: true, Computed: true}), "more than one of"},
		"a default of another type":         {attr(schema.Attribute{Default: cty.True}), "has a default of the type bool"},
		"a format of a number":              {attr(schema.Attribute{Type: cty.Number, Format: schema.Mode}), "which only strings can have"},
		"the same name twice":               {&schema.Block{Attributes: append(attr(schema.Attribute{}).Attributes, attr(schema.Attribute{}).Attributes...)}, "there twice"},
		"a computed attribute deep down":    {nested(schema.Single, attr(schema.Attribute{Computed: true})), "is computed"},
		"any type in a repeated block":      {nested(schema.List, attr(schema.Attribute{Type: cty.DynamicPseudoType})), "can have any type"},
		"any type in a block of a list":     {nested(schema.List, nested(schema.Single, attr(schema.Attribute{Type: cty.Map(cty.DynamicPseudoType)}))), "can have any type"},
		"labels that aren't explained":      {&schema.Block{Blocks: []schema.Nested{{Name: "n", Nesting: schema.Map}}}, "labels"},
		"a block of the name of a meta-one": {&schema.Block{Blocks: []schema.Nested{{Name: "depends_on"}}}, "reserved"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := catalog.New(t.Context(), offering("p", row.schema, "t"))
			if err == nil || !strings.Contains(err.Error(), row.want) || !strings.Contains(err.Error(), "task.t") {
				t.Errorf("error %v, want %q in it", err, row.want)
			}
		})
	}
	failing := offering("p", &schema.Block{}, "t")
	failing.err = errors.New("no manifest today")
	refusing := offering("p", &schema.Block{}, "t")
	refusing.configure = plugin.Error(nil, "Not today", "x")
	for name, providers := range map[string][]plugin.Provider{
		"a type that two offer":               {offering("p", &schema.Block{}, "t"), offering("q", &schema.Block{}, "t")},
		"a manifest that can't be read":       {failing},
		"a provider that can't be configured": {refusing},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := catalog.New(t.Context(), providers...); err == nil {
				t.Error("no error")
			}
		})
	}
}

// launched is a provider that another can take the place of.
type launched struct{ provider }

func (launched) Identity() string { return "acme#1" }

func TestACatalogWithAnotherProviderLeavesTheFirstAsItWas(t *testing.T) {
	ref := func(name string) plugin.TypeRef { return plugin.TypeRef{Kind: plugin.KindTask, Name: name} }
	one, two := offering("one", &schema.Block{}, "b"), offering("two", &schema.Block{}, "a")
	first, err := catalog.New(t.Context(), one)
	if err != nil {
		t.Fatal(err)
	}
	more, err := first.With(t.Context(), launched{two})
	if err != nil {
		t.Fatal(err)
	}
	if got := more.Names(plugin.KindTask); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("both offer %v", got)
	}
	if _, ok := first.Type(ref("a")); ok || len(first.Names(plugin.KindTask)) != 1 {
		t.Errorf("the first offers %v", first.Names(plugin.KindTask))
	}
	if more.Identity(ref("a")) != "acme#1" || more.Identity(ref("b")) != "" {
		t.Errorf("identities %q and %q", more.Identity(ref("a")), more.Identity(ref("b")))
	}
	if _, err := more.With(t.Context(), offering("three", &schema.Block{}, "b")); err == nil || !strings.Contains(err.Error(), "already offers task.b: one") {
		t.Errorf("two that offer the same: %v", err)
	}
	if err := more.Close(); err != nil || *one.closed != 1 || *two.closed != 0 {
		t.Errorf("%d and %d were closed, want the first alone: %v", *one.closed, *two.closed, err)
	}
}
