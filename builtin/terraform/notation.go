package terraform

import (
	"encoding/json"
	"math/big"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// notation says which values are the same although they are written in another
// way. Numbers always are.
type notation struct {
	rules     normalize
	unordered []*regexp.Regexp // of paths
}

// differ returns what compares the sides of a resource.
func (t *task) differ(taint taint) differ {
	d := differ{taint: taint, notation: notation{rules: *t.cfg.Normalize}}
	for _, pattern := range t.cfg.Normalize.Unordered {
		d.unordered = append(d.unordered, wildcard(plainPath(pattern)))
	}
	return d
}

func (n notation) isUnordered(path string) bool {
	return slices.ContainsFunc(n.unordered, func(pattern *regexp.Regexp) bool {
		return pattern.MatchString(path) || pattern.MatchString("."+path)
	})
}

// same reports whether two values of an attribute are the same.
func (n notation) same(path string, a, b any) bool {
	if reflect.DeepEqual(a, b) {
		return true
	}
	if n.rules.NullEmpty && isEmpty(a) && isEmpty(b) {
		return true
	}
	switch a := a.(type) {
	case json.Number:
		b, ok := b.(json.Number)
		return ok && sameNumber(a, b)
	case string:
		b, ok := b.(string)
		return ok && n.rules.JSONStrings && sameJSON(a, b)
	case map[string]any:
		b, ok := b.(map[string]any)
		return ok && n.sameObject(path, a, b)
	case []any:
		b, ok := b.([]any)
		return ok && len(a) == len(b) && n.sameList(path, a, b)
	}
	return false
}

func (n notation) sameObject(path string, a, b map[string]any) bool {
	for name := range b {
		if _, ok := a[name]; !ok && !n.same(path, nil, b[name]) {
			return false
		}
	}
	for name := range a {
		if !n.same(joinName(path, name), a[name], b[name]) {
			return false
		}
	}
	return true
}

func (n notation) sameList(path string, a, b []any) bool {
	if !n.isUnordered(path) {
		return slices.EqualFunc(a, b, func(a, b any) bool { return n.same(path, a, b) })
	}
	rest := slices.Clone(b)
	for _, element := range a {
		i := slices.IndexFunc(rest, func(other any) bool { return n.same(path, element, other) })
		if i < 0 {
			return false
		}
		rest = slices.Delete(rest, i, i+1)
	}
	return true
}

func isEmpty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0
	}
	return false
}

// maxNumber bounds the digits of numbers that are compared by their value.
const maxNumber = 400

func sameNumber(a, b json.Number) bool {
	if len(a) > maxNumber || len(b) > maxNumber {
		return false
	}
	x, _, errX := big.ParseFloat(a.String(), 10, 2048, big.ToNearestEven)
	y, _, errY := big.ParseFloat(b.String(), 10, 2048, big.ToNearestEven)
	return errX == nil && errY == nil && x.Cmp(y) == 0
}

// sameJSON reports whether both texts are JSON of the same value. A text that
// is only a word or a number is not taken for JSON.
func sameJSON(a, b string) bool {
	var x, y any
	return decodeJSON(a, &x) && decodeJSON(b, &y) && notation{}.same("", x, y)
}

func decodeJSON(text string, v *any) bool {
	text = strings.TrimSpace(text)
	if !strings.HasPrefix(text, "{") && !strings.HasPrefix(text, "[") {
		return false
	}
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	return decoder.Decode(v) == nil && !decoder.More()
}
