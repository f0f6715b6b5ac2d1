package jinja

import (
	"fmt"
	"slices"
)

type macroParam struct {
	name  string
	value expr // the default, nil for none
}

type macroStmt struct {
	at     place
	name   string
	params []macroParam
	body   []stmt
	// What the body makes use of, and the macro therefore accepts.
	varargs, kwargs, caller bool
}

// uses notes a name that the body has.
func (m *macroStmt) uses(name string) {
	switch name {
	case "varargs":
		m.varargs = true
	case "kwargs":
		m.kwargs = true
	case "caller":
		m.caller = true
	}
}

type callStmt struct {
	caller *macroStmt
	call   *callExpr
}

// macro is a macro with the names it sees.
type macro struct {
	*macroStmt
	scope *scope
}

func (m *macroStmt) exec(_ *run, s *scope, _ *output) error {
	s.names[m.name] = &macro{m, s}
	return nil
}

func (st *callStmt) exec(r *run, s *scope, out *output) error {
	v, err := st.call.call(r, s, &macro{st.caller, s})
	if err == nil {
		err = defined(v)
	}
	if err != nil {
		return r.located(err, st.call.position())
	}
	text, err := r.text(v)
	if err != nil {
		return r.located(err, st.call.position())
	}
	return out.write(text)
}

func (m *macro) typeName() string { return "Macro" }

func (m *macro) member(name string) (any, bool) {
	switch name {
	case "name":
		return m.name, true
	case "arguments":
		names := newTuple()
		for _, p := range m.params {
			names.items = append(names.items, p.name)
		}
		return names, true
	case "catch_kwargs":
		return m.kwargs, true
	case "catch_varargs":
		return m.varargs, true
	case "caller":
		return m.caller, true
	}
	return nil, false
}

func (m *macro) call(r *run, a passed) (any, error) {
	s := m.scope.child()
	if err := m.bind(r, s, a); err != nil {
		return nil, fmt.Errorf("%s(): %w", m.name, err)
	}
	out := &output{run: r}
	err := r.within(func() error { return r.execAll(m.body, s, out) })
	return out.String(), err
}

// bind gives the parameters their values.
func (m *macro) bind(r *run, s *scope, a passed) error {
	named := a.named.clone()
	n := min(len(a.positional), len(m.params))
	for i, p := range m.params {
		v, isNamed := named.get(p.name)
		switch {
		case i < n && isNamed:
			return fmt.Errorf("the argument %q is given twice", p.name)
		case i < n:
			s.names[p.name] = a.positional[i]
		case isNamed:
			s.names[p.name] = v
			named.remove(p.name)
		case p.value != nil:
			v, err := r.eval(p.value, s)
			if err != nil {
				return err
			}
			s.names[p.name] = v
		default:
			s.names[p.name] = undefined{reason: fmt.Sprintf("the parameter %q was not provided", p.name), at: m.at}
		}
	}
	return m.bindRest(s, a.positional[n:], named)
}

// bindRest gives the macro what no parameter takes.
func (m *macro) bindRest(s *scope, positional []any, named *dict) error {
	if caller, ok := named.get("caller"); ok && m.caller {
		s.names["caller"] = caller
		named.remove("caller")
	} else if m.caller {
		s.names["caller"] = undefined{reason: "there is no caller; the macro is meant for {% call %}", at: m.at}
	}
	switch {
	case m.varargs:
		s.names["varargs"] = newTuple(slices.Clone(positional)...)
	case len(positional) > 0:
		return fmt.Errorf("it takes %d arguments, and %d more are given", len(m.params), len(positional))
	}
	switch {
	case m.kwargs:
		s.names["kwargs"] = named
	case named.len() > 0:
		names := make([]string, len(m.params))
		for i, p := range m.params {
			names[i] = p.name
		}
		given := named.names()[0]
		return fmt.Errorf("it has no argument %q%s", given, suggestOne(given, names))
	}
	return nil
}
