package jinja

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
)

type (
	blockStmt struct {
		at               place
		name             string
		template         string
		scoped, required bool
		body             []stmt
	}
	extendsStmt struct {
		at     place
		parent expr
	}
	includeStmt struct {
		at                         place
		names                      expr
		ignoreMissing, withContext bool
	}
	importStmt struct {
		at          place
		template    expr
		as          string // of the whole module
		names       []importedName
		withContext bool
	}
	importedName struct {
		at       place
		name, as string
	}
)

func (st *extendsStmt) exec(r *run, s *scope, _ *output) error {
	if r.page.parent != nil {
		return r.located(errors.New("the template extends two others"), st.at)
	}
	v, err := r.value(st.parent, s)
	if err != nil {
		return err
	}
	r.page.parent, err = r.template(v, st.parent.position())
	return err
}

func (st *blockStmt) exec(r *run, s *scope, out *output) error {
	if r.page.parent != nil {
		return nil // it is rendered where the parent has it
	}
	if !r.page.blocks[st.name][0].scoped && !st.scoped {
		s = r.page.scope
	}
	return r.block(st.name, 0, s, out)
}

// block renders a block, the level-th of those that have its name.
func (r *run) block(name string, level int, s *scope, out *output) error {
	chain := r.page.blocks[name]
	b := chain[level]
	if b.required {
		return r.located(fmt.Errorf("the block %q is required, and no template that extends this one has it", name), b.at)
	}
	inner := s.child()
	inner.names["super"] = undefined{reason: fmt.Sprintf("there is no block %q that this one replaces", name), at: b.at}
	if level+1 < len(chain) {
		inner.names["super"] = function{"super", func(r *run, _ passed) (any, error) {
			return r.capture(func(out *output) error { return r.block(name, level+1, s, out) })
		}}
	}
	return r.within(func() error { return r.execAll(b.body, inner, out) })
}

// capture returns what f writes.
func (r *run) capture(f func(*output) error) (any, error) {
	out := &output{run: r}
	err := f(out)
	return out.String(), err
}

// self is the variable of that name, whose members are the blocks.
type self struct{ page *page }

func (self) typeName() string { return "TemplateReference" }

func (t self) member(name string) (any, bool) {
	if _, ok := t.page.blocks[name]; !ok {
		return nil, false
	}
	return function{name, func(r *run, _ passed) (any, error) {
		return r.capture(func(out *output) error { return r.block(name, 0, t.page.scope, out) })
	}}, true
}

func (st *includeStmt) exec(r *run, s *scope, out *output) error {
	v, err := r.value(st.names, s)
	if err != nil {
		return err
	}
	names := newList(v)
	if l, ok := v.(*list); ok {
		names = l
	}
	t, err := r.firstTemplate(names.items, st.names.position())
	if errors.Is(err, fs.ErrNotExist) && st.ignoreMissing {
		return nil
	}
	if err != nil {
		return err
	}
	if !st.withContext {
		s = s.root()
	}
	return r.within(func() error {
		_, err := r.renderTemplate(t, s, out)
		return err
	})
}

// firstTemplate returns the first of the templates that is there.
func (r *run) firstTemplate(names []any, at place) (*template, error) {
	err := r.located(errors.New("the list of templates is empty"), at)
	for _, name := range names {
		var t *template
		if t, err = r.template(name, at); err == nil || !errors.Is(err, fs.ErrNotExist) {
			return t, err
		}
	}
	return nil, err
}

// module is an imported template.
type module struct{ names map[string]any }

func (module) typeName() string { return "TemplateModule" }

func (m module) member(name string) (any, bool) {
	v, ok := m.names[name]
	return v, ok && !strings.HasPrefix(name, "_")
}

func (st *importStmt) exec(r *run, s *scope, _ *output) error {
	v, err := r.value(st.template, s)
	if err != nil {
		return err
	}
	t, err := r.template(v, st.template.position())
	if err != nil {
		return err
	}
	from := s.root()
	if st.withContext {
		from = s
	}
	var m module
	err = r.within(func() error {
		set, err := r.renderTemplate(t, from, &output{run: r})
		if err == nil {
			m.names = set.names
		}
		return err
	})
	if err != nil {
		return err
	}
	if st.as != "" {
		s.names[st.as] = m
	}
	for _, n := range st.names {
		v, ok := m.member(n.name)
		if !ok {
			v = undefined{reason: fmt.Sprintf("the template %q has no %q", t.name, n.name), at: n.at, near: &nearest{n.name, func() []string { return slices.Sorted(maps.Keys(m.names)) }}}
		}
		s.names[n.as] = v
	}
	return nil
}
