package plan_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// world is a provider of boxes that hold a value, and of a source that looks
// into one. It remembers what was done.
type world struct {
	mu     sync.Mutex
	boxes  map[string]string
	log    []string
	open   int
	closed int

	// before is called before a box is planned or applied.
	before func(ctx context.Context, doing, name string) error
}

var _ plugin.Provider = (*world)(nil)

func newWorld() *world {
	return &world{
		boxes:  make(map[string]string),
		before: func(context.Context, string, string) error { return nil },
	}
}

func (w *world) note(doing, name string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.log = append(w.log, doing+" "+name)
}

// done returns what was done, and forgets it.
func (w *world) done() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	log := w.log
	w.log = nil
	return log
}

func (w *world) get(name string) (string, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	v, ok := w.boxes[name]
	return v, ok
}

func (w *world) put(name, value string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.boxes[name] = value
}

func (w *world) Manifest(context.Context) (plugin.Manifest, error) {
	text := func(name string) schema.Attribute {
		return schema.Attribute{Name: name, Type: cty.String, Doc: "."}
	}
	box := &schema.Block{Attributes: []schema.Attribute{
		{Name: "name", Type: cty.String, Required: true, Doc: "."},
		text("value"),
		text("path"),
		text("color"), // red where it isn't set
		text("does"),  // how the provider misbehaves
		{Name: "secret", Type: cty.String, Sensitive: true, Doc: "."},
		{Name: "late", Type: cty.Bool, Default: cty.False, Doc: "Content is known only after apply."},
		{Name: "content", Type: cty.String, Computed: true, Doc: "."},
	}}
	look := &schema.Block{Attributes: []schema.Attribute{
		{Name: "name", Type: cty.String, Required: true, Doc: "."},
		{Name: "content", Type: cty.String, Computed: true, Doc: "."},
		{Name: "token", Type: cty.String, Computed: true, Sensitive: true, Doc: "."},
	}}
	return plugin.Manifest{Name: "world", Types: []plugin.Type{
		{Ref: plugin.TypeRef{Kind: plugin.KindTask, Name: "box"}, Schema: box},
		{Ref: plugin.TypeRef{Kind: plugin.KindSource, Name: "look"}, Schema: look},
	}}, nil
}

func (w *world) Configure(context.Context, cty.Value) plugin.Diagnostics { return nil }

func (w *world) Validate(context.Context, plugin.TypeRef, cty.Value) plugin.Diagnostics { return nil }

func (w *world) Close() error { return nil }

func (w *world) Open(_ context.Context, req plugin.OpenRequest) (plugin.Instance, plugin.Diagnostics) {
	attrs := req.Config.AsValueMap()
	if !attrs["name"].IsKnown() {
		return nil, plugin.Error(nil, "Unknown name", "It was opened before its name was known.")
	}
	i := instance{world: w, cfg: req.Config, name: attrs["name"].AsString()}
	if req.Type.Kind == plugin.KindSource {
		return look{i}, nil
	}
	if does := attrs["does"]; !does.IsNull() {
		i.does = does.AsString()
	}
	if i.does == "panics when opened" {
		panic("no box")
	}
	w.mu.Lock()
	w.open++
	w.mu.Unlock()
	b := &box{instance: i, env: req.Env}
	if strings.HasPrefix(i.does, "reports") {
		return &reporter{box: b}, nil
	}
	return b, nil
}

type instance struct {
	world *world
	cfg   cty.Value
	name  string
	does  string
}

// look reads a box as a source.
type look struct{ instance }

func (look) Close(context.Context) error { return nil }

func (l look) Read(ctx context.Context) (cty.Value, plugin.Diagnostics) {
	l.world.note("read", l.name)
	if err := l.world.before(ctx, "read", l.name); err != nil {
		return cty.NilVal, plugin.Error(nil, "Box not read", "%s.", err)
	}
	content, _ := l.world.get(l.name)
	attrs := l.cfg.AsValueMap()
	attrs["content"] = cty.StringVal(content)
	attrs["token"] = cty.StringVal("token of " + content)
	return cty.ObjectVal(attrs), nil
}

// box is a task.
type box struct {
	instance
	env    plugin.Env
	closed bool
}

func (b *box) Close(context.Context) error {
	if b.closed {
		return errors.New("it is closed twice")
	}
	b.closed = true
	b.world.mu.Lock()
	defer b.world.mu.Unlock()
	b.world.closed++
	return nil
}

func (b *box) wanted() string {
	value, secret := b.cfg.GetAttr("value"), b.cfg.GetAttr("secret")
	text := ""
	if !value.IsNull() {
		text = value.AsString()
	}
	if !secret.IsNull() {
		text += secret.AsString()
	}
	return text
}

func (b *box) value(content cty.Value) cty.Value {
	attrs := b.cfg.AsValueMap()
	if attrs["color"].IsNull() {
		attrs["color"] = cty.StringVal("red")
	}
	attrs["content"] = content
	return cty.ObjectVal(attrs)
}

func (b *box) Plan(ctx context.Context, _ plugin.Host) (plugin.Change, plugin.Diagnostics) {
	b.world.note("plan", b.name)
	if err := b.world.before(ctx, "plan", b.name); err != nil {
		return plugin.Change{}, plugin.Error(plugin.Attr("value"), "Box not planned", "%s.", err)
	}
	switch b.does {
	case "panics when planned":
		panic("the box of " + b.wanted() + " is shut")
	case "plans nothing":
		return plugin.Change{}, nil
	case "plans another type":
		v := b.value(cty.EmptyObjectVal)
		return plugin.Change{Action: plugin.NoOp, Before: v, After: v}, nil
	}
	after := b.value(cty.StringVal(b.wanted()))
	now, exists := b.world.get(b.name)
	if exists && now == b.wanted() {
		return plugin.Change{Action: plugin.NoOp, Fidelity: plugin.Exact, Before: after, After: after}, nil
	}
	if b.cfg.GetAttr("late").True() {
		after = b.value(cty.UnknownVal(cty.String))
	}
	c := plugin.Change{Action: plugin.Update, Fidelity: plugin.Exact, Before: b.value(cty.StringVal(now)), After: after, Reasons: []string{"content"}}
	if !exists {
		c.Action, c.Before = plugin.Create, cty.NullVal(after.Type())
	}
	if b.does == "tells all it knows" {
		b.tell(&c)
		return c, plugin.Warning(nil, "Much to tell", "The box gets %q.", b.wanted())
	}
	return c, nil
}

// tell puts what the box is to hold wherever a change has room for text.
func (b *box) tell(c *plugin.Change) {
	all := b.wanted()
	c.Reasons = []string{"it is not " + all}
	c.Warnings = []string{fmt.Sprintf("It will be %q.", all)}
	c.Text = &plugin.Text{Attribute: "value", Path: "/box", Before: []byte("old"), After: []byte(all)}
	c.Payload = []byte(all)
	c.Findings = []plugin.Finding{{Name: all, Verdict: all, Summary: all, Value: cty.StringVal(all), Detail: []plugin.Entry{{
		Name: all, Class: all, Attributes: []plugin.Differ{{Path: all, Before: all, After: all}},
	}}}}
}

func (b *box) Apply(ctx context.Context, c plugin.Change) (cty.Value, plugin.Diagnostics) {
	if c.Action == plugin.NoOp {
		panic("a no-op is applied")
	}
	b.world.note("apply", b.name)
	if err := b.world.before(ctx, "apply", b.name); err != nil {
		return cty.NilVal, plugin.Error(plugin.Attr("value"), "Box not filled", "%s.\nThis is the second line.", err)
	}
	switch b.does {
	case "panics when applied":
		panic("the box of " + b.wanted() + " is shut")
	case "returns nothing":
		return cty.NilVal, nil
	case "returns what is not known":
		return b.value(cty.UnknownVal(cty.String)), nil
	case "returns something else":
		return b.value(cty.StringVal("something else")), nil
	case "fails and tells":
		return cty.NilVal, plugin.Error(nil, "Box not filled", "It can't hold %s.", b.wanted())
	}
	b.world.put(b.name, b.wanted())
	return b.value(cty.StringVal(b.wanted())), nil
}

// has reports whether all of what is wanted was done, in that order.
func has(log []string, wanted ...string) bool {
	at := 0
	for _, w := range wanted {
		i := slices.Index(log[at:], w)
		if i < 0 {
			return false
		}
		at += i + 1
	}
	return true
}
