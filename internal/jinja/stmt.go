package jinja

import (
	"fmt"
)

// stmt is a part of a template. Its exec writes to out.
type stmt interface {
	exec(r *run, s *scope, out *output) error
}

type (
	dataStmt   struct{ text string }
	outputStmt struct{ value expr }
	branch     struct {
		condition expr
		body      []stmt
	}
	ifStmt struct {
		branches  []branch
		otherwise []stmt
	}
	// target is what is set: a name, a member of a namespace, or several.
	target struct {
		at      place
		name    string
		member  string
		several []target
	}
	setStmt struct {
		target target
		value  expr
	}
	// captureStmt is a block of set, or of filter without a target.
	captureStmt struct {
		target  *target
		filters []*filterExpr
		body    []stmt
	}
	withStmt struct {
		targets []target
		values  []expr
		body    []stmt
	}
	doStmt    struct{ value expr }
	leaveStmt struct{ how error }
)

func (r *run) execAll(body []stmt, s *scope, out *output) error {
	for _, st := range body {
		if err := r.step(1); err != nil {
			return err
		}
		if err := st.exec(r, s, out); err != nil {
			return err
		}
	}
	return nil
}

func (st *dataStmt) exec(_ *run, _ *scope, out *output) error { return out.write(st.text) }

// exec writes a value. None alone writes nothing, as Ansible has it.
func (st *outputStmt) exec(r *run, s *scope, out *output) error {
	v, err := r.value(st.value, s)
	if err != nil || v == nil {
		return err
	}
	text, err := r.text(v)
	if err == nil {
		err = out.write(text)
	}
	return r.locatedOrNil(err, st.value.position())
}

func (st *ifStmt) exec(r *run, s *scope, out *output) error {
	for _, b := range st.branches {
		ok, err := r.truth(b.condition, s)
		if err != nil {
			return r.located(err, b.condition.position())
		}
		if ok {
			return r.execAll(b.body, s, out)
		}
	}
	return r.execAll(st.otherwise, s, out)
}

// assign sets a target.
func (r *run) assign(t target, v any, s *scope) error {
	switch {
	case t.several != nil:
		if err := defined(v); err != nil {
			return err
		}
		items, err := r.iterate(v)
		if err != nil {
			return r.located(err, t.at)
		}
		if len(items) != len(t.several) {
			return r.located(fmt.Errorf("%d values can't be assigned to %d names", len(items), len(t.several)), t.at)
		}
		for i, one := range t.several {
			if err := r.assign(one, items[i], s); err != nil {
				return err
			}
		}
	case t.member != "":
		v2, _ := s.lookup(t.name)
		ns, ok := v2.(*namespace)
		if !ok {
			return r.located(fmt.Errorf("%q is no namespace; make one with {%% set %s = namespace() %%}", t.name, t.name), t.at)
		}
		ns.members.setString(t.member, v)
	default:
		s.names[t.name] = v
	}
	return nil
}

func (st *setStmt) exec(r *run, s *scope, _ *output) error {
	v, err := r.eval(st.value, s)
	if err != nil {
		return err
	}
	return r.locatedOrNil(r.assign(st.target, v, s), st.target.at)
}

func (st *captureStmt) exec(r *run, s *scope, out *output) error {
	inner := &output{run: r}
	if err := r.execAll(st.body, s.child(), inner); err != nil {
		return err
	}
	var v any = inner.String()
	for _, f := range st.filters {
		var err error
		if v, err = f.apply(r, s, v); err != nil {
			return err
		}
	}
	if st.target != nil {
		return r.assign(*st.target, v, s)
	}
	text, err := r.text(v)
	if err != nil {
		return err
	}
	return out.write(text)
}

func (st *withStmt) exec(r *run, s *scope, out *output) error {
	inner := s.child()
	for i, t := range st.targets {
		v, err := r.eval(st.values[i], s)
		if err != nil {
			return err
		}
		if err := r.assign(t, v, inner); err != nil {
			return err
		}
	}
	return r.execAll(st.body, inner, out)
}

func (st *doStmt) exec(r *run, s *scope, _ *output) error {
	_, err := r.value(st.value, s)
	return err
}

func (st *leaveStmt) exec(*run, *scope, *output) error { return st.how }
