package jinja

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"
)

// template is a template that was read.
type template struct {
	name   string
	body   []stmt
	blocks map[string]*blockStmt
}

// run is one rendering.
type run struct {
	budget
	calls     int // that are open: macros, blocks, includes
	maxResult int
	load      func(string) (string, error)
	filters   map[string]builtin
	tests     map[string]builtin
	methods   methods
	loaded    map[string]*template
	page      *page
	open      []string // templates, the one that is run last
}

// page is one template with those that it extends.
type page struct {
	// blocks holds for each name the block of the outermost child first, then
	// those that super() reaches.
	blocks map[string][]*blockStmt
	parent *template // set by {% extends %}
	scope  *scope    // of the top level
}

func newRun(ctx context.Context, t Template) *run {
	return &run{
		budget: budget{ctx: ctx}, maxResult: t.MaxResult, load: t.Load,
		filters: filters(), tests: tests(), methods: newMethods(), loaded: map[string]*template{},
	}
}

func (r *run) globals(vars cty.Value) (map[string]any, error) {
	names := functions()
	if vars.IsNull() {
		return names, nil
	}
	v, err := r.fromCty(vars, 0)
	if err != nil {
		return nil, err
	}
	d, ok := v.(*dict)
	if !ok {
		return nil, fmt.Errorf("the variables are an object, and not a value of type %s", typeName(v))
	}
	for _, e := range d.entries {
		names[e.key.(string)] = e.value
	}
	return names, nil
}

// renderTemplate renders a template, or the one that it extends with its
// blocks. It returns the names that the template set.
func (r *run) renderTemplate(t *template, s *scope, out *output) (*scope, error) {
	outer, stack := r.page, r.open
	defer func() { r.page, r.open = outer, stack }()
	base := s.child()
	r.page = &page{blocks: map[string][]*blockStmt{}, scope: base.child()}
	base.names["self"] = self{r.page}
	for t != nil {
		r.open = append(r.open, t.name)
		for name, b := range t.blocks {
			r.page.blocks[name] = append(r.page.blocks[name], b)
		}
		r.page.parent = nil
		if err := r.topLevel(t.body, out); err != nil {
			return nil, err
		}
		t = r.page.parent
	}
	return r.page.scope, nil
}

// topLevel runs a template. What it writes after it extended another goes
// nowhere.
func (r *run) topLevel(body []stmt, out *output) error {
	for _, st := range body {
		if r.page.parent != nil {
			out = &output{run: r}
		}
		if err := r.execAll([]stmt{st}, r.page.scope, out); err != nil {
			return err
		}
	}
	return nil
}

// template returns another template by its name.
func (r *run) template(v any, at place) (*template, error) {
	name, ok := v.(string)
	if !ok {
		return nil, r.located(fmt.Errorf("the name of a template is a string, and not a value of type %s", typeName(v)), at)
	}
	if slices.Contains(r.open, name) {
		return nil, r.located(fmt.Errorf("the template comes back to itself: %s", strings.Join(append(slices.Clone(r.open), name), " → ")), at)
	}
	if t, ok := r.loaded[name]; ok {
		return t, nil
	}
	if r.load == nil {
		return nil, r.located(fmt.Errorf("there is no other template here, such as %q", name), at)
	}
	if len(r.loaded) >= maxTemplates {
		return nil, r.located(limitf("the template reads more than %d others", maxTemplates), at)
	}
	text, err := r.load(name)
	if err != nil {
		return nil, r.located(fmt.Errorf("read %q: %w", name, err), at)
	}
	t, err := r.parse(name, text)
	if err != nil {
		return nil, err
	}
	r.loaded[name] = t
	return t, nil
}
