package jinja

import (
	"fmt"
	"slices"
	"time"
	"unicode/utf8"
)

// A value of a template is one of: nil, bool, int64, float64, string, *list,
// *dict, undefined, timestamp, duration, callable, and objects, which are what
// the engine itself provides.

// list is a list, or a tuple, which prints and hashes differently.
type list struct {
	items []any
	tuple bool
	names []string // of the parts of a tuple, as of those that groupby returns
}

func newList(items ...any) *list  { return &list{items: items} }
func newTuple(items ...any) *list { return &list{items: items, tuple: true} }

// undefined is what a name stands for that nothing has.
type undefined struct {
	reason string
	at     place
	near   *nearest // nil where there is nothing to suggest
	// lenient says that it is taken for an empty text or list, as that of an
	// if without else.
	lenient bool
}

// nearest is a name that was given, and those it may have been meant for. They
// are compared only for an error, as default takes what is undefined too.
type nearest struct {
	given string
	names func() []string
}

// missingError is that something was made of an undefined value.
type missingError struct{ value undefined }

func (e *missingError) Error() string {
	if e.value.near == nil {
		return e.value.reason
	}
	return e.value.reason + suggestOne(e.value.near.given, e.value.near.names())
}

// object is what has members of its own, such as loop.
type object interface {
	member(name string) (any, bool)
	typeName() string
}

// callable is what can be called.
type callable interface {
	call(r *run, a passed) (any, error)
}

// function is a callable of ours.
type function struct {
	name string
	f    func(r *run, a passed) (any, error)
}

func (f function) call(r *run, a passed) (any, error) {
	v, err := f.f(r, a)
	if err != nil {
		return nil, fmt.Errorf("%s(): %w", f.name, err)
	}
	return v, nil
}

// passed are the arguments of a call.
type passed struct {
	positional []any
	named      *dict
}

// timestamp is a datetime of Python, without a zone.
type timestamp struct{ time.Time }

func (t timestamp) String() string {
	if t.Nanosecond() != 0 {
		return t.Format("2006-01-02 15:04:05.000000")
	}
	return t.Format(time.DateTime)
}

// duration is a timedelta of Python.
type duration struct{ time.Duration }

// days returns the days, and the seconds and microseconds beyond them, which
// are never negative.
func (d duration) days() (days, seconds, micros int64) {
	us := d.Microseconds()
	const day = 24 * 60 * 60 * 1_000_000
	days = floorDiv(us, day)
	us -= days * day
	return days, us / 1_000_000, us % 1_000_000
}

func (d duration) String() string {
	days, s, us := d.days()
	text := fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	if us != 0 {
		text += fmt.Sprintf(".%06d", us)
	}
	switch days {
	case 0:
		return text
	case 1, -1:
		return fmt.Sprintf("%d day, %s", days, text)
	}
	return fmt.Sprintf("%d days, %s", days, text)
}

// typeName is the name that Python has for the type of a value.
func typeName(v any) string {
	switch v := v.(type) {
	case nil:
		return "NoneType"
	case bool:
		return "bool"
	case int64:
		return "int"
	case float64:
		return "float"
	case string:
		return "str"
	case *list:
		if v.tuple {
			return "tuple"
		}
		return "list"
	case *dict:
		return "dict"
	case undefined:
		return "AnsibleUndefined"
	case timestamp:
		return "datetime"
	case duration:
		return "timedelta"
	case *macro:
		return "Macro"
	case object:
		return v.typeName()
	}
	return "function"
}

// truth is whether Python takes a value for true.
func truth(v any) (bool, error) {
	switch v := v.(type) {
	case nil:
		return false, nil
	case bool:
		return v, nil
	case int64:
		return v != 0, nil
	case float64:
		return v != 0, nil
	case string:
		return v != "", nil
	case *list:
		return len(v.items) > 0, nil
	case *dict:
		return v.len() > 0, nil
	case duration:
		return v.Duration != 0, nil
	case undefined:
		return false, defined(v)
	}
	return true, nil
}

// length is what len() of Python returns.
func length(v any) (int, error) {
	switch v := v.(type) {
	case string:
		return utf8.RuneCountInString(v), nil
	case *list:
		return len(v.items), nil
	case *dict:
		return v.len(), nil
	case *loop:
		return len(v.items), nil
	case undefined:
		return 0, defined(v)
	}
	return 0, fmt.Errorf("a value of type %s has no length", typeName(v))
}

// iterate returns the elements of a value: those of a list, the keys of a
// dict, the characters of a string. They are the caller's.
func (r *run) iterate(v any) ([]any, error) {
	n, err := length(v)
	if err != nil {
		if _, ok := v.(undefined); ok {
			return nil, err
		}
		return nil, fmt.Errorf("a value of type %s is no list", typeName(v))
	}
	if err := r.takeList(n); err != nil {
		return nil, err
	}
	switch v := v.(type) {
	case *list:
		return slices.Clone(v.items), nil
	case *dict:
		return v.keys(), nil
	case string:
		out := make([]any, 0, n)
		for _, c := range v {
			out = append(out, string(c))
		}
		return out, nil
	case *loop:
		return slices.Clone(v.items), nil
	case undefined:
		return nil, nil
	}
	return nil, fmt.Errorf("a value of type %s can't be iterated over", typeName(v))
}
