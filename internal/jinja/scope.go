package jinja

import (
	"fmt"
	"maps"
	"slices"

	"github.com/driftless-hq/driftless/internal/suggest"
)

// scope is the names that a part of a template sees.
type scope struct {
	names  map[string]any
	parent *scope
}

func newScope(names map[string]any) *scope { return &scope{names: names} }

func (s *scope) child() *scope { return &scope{names: map[string]any{}, parent: s} }

func (s *scope) lookup(name string) (any, bool) {
	for ; s != nil; s = s.parent {
		if v, ok := s.names[name]; ok {
			return v, true
		}
	}
	return nil, false
}

// root is the outermost scope: the variables and functions.
func (s *scope) root() *scope {
	for s.parent != nil {
		s = s.parent
	}
	return s
}

func (s *scope) all() map[string]any {
	all := map[string]any{}
	for ; s != nil; s = s.parent {
		maps.Copy(all, s.names)
	}
	return all
}

// didYouMean suggests one of the names of m.
func didYouMean[V any](given string, m map[string]V) string {
	return suggestOne(given, slices.Sorted(maps.Keys(m)))
}

// suggestOne suggests one of the names.
func suggestOne(given string, names []string) string {
	const most = 1000 // names; each is compared letter by letter
	if len(given) > 64 || len(names) > most {
		return ""
	}
	nearest := suggest.Name(given, names)
	if nearest == "" {
		return ""
	}
	return fmt.Sprintf(" (did you mean %q?)", nearest)
}
