package eval_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config/eval"
)

// fakeFacts are two groups, and note which were asked for.
type fakeFacts struct {
	asked   []string
	unknown bool
	broken  error
}

var osType = cty.Object(map[string]cty.Type{"id": cty.String, "family": cty.String})

func (f *fakeFacts) Names() []string { return []string{"mount", "os"} }

func (f *fakeFacts) Type(group string) (cty.Type, bool) {
	switch group {
	case "os":
		return osType, true
	case "mount":
		return cty.Map(cty.Object(map[string]cty.Type{"size": cty.Number})), true
	}
	return cty.NilType, false
}

func (f *fakeFacts) Value(group string) (cty.Value, error) {
	f.asked = append(f.asked, group)
	t, _ := f.Type(group)
	switch {
	case f.unknown:
		return cty.UnknownVal(t), nil
	case group == "os":
		return cty.ObjectVal(map[string]cty.Value{"id": cty.StringVal("debian"), "family": cty.StringVal("debian")}), f.broken
	}
	return cty.MapValEmpty(t.ElementType()), f.broken
}

func TestFacts(t *testing.T) {
	tests := map[string]struct {
		src   string
		facts fakeFacts
		asked []string
		err   string
	}{
		"only the groups that are named are gathered": {src: `locals { a = fact.os.id }`, asked: []string{"os"}},
		"none are gathered where none is named":       {src: `locals { a = 1 }`},
		"a group that there isn't":                    {src: `locals { a = fact.oss.id }`, err: `Did you mean "os"?`},
		"a fact that there isn't":                     {src: `locals { a = fact.os.familly }`, asked: []string{"os"}, err: `Did you mean "family"?`},
		"the type is known where the value isn't":     {src: `locals { a = upper(fact.os.id) }`, facts: fakeFacts{unknown: true}, asked: []string{"os"}},
		"a group that can't be gathered":              {src: `locals { a = fact.os.id }`, facts: fakeFacts{broken: errors.New("no such host")}, asked: []string{"os"}, err: "no such host"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, diags := eval.Build(load(t, tt.src), newFakes(), eval.Inputs{Facts: &tt.facts})
			if !slices.Equal(tt.facts.asked, tt.asked) {
				t.Errorf("asked for %v, want %v", tt.facts.asked, tt.asked)
			}
			if text := diags.Error(); diags.HasErrors() != (tt.err != "") || !strings.Contains(text, tt.err) {
				t.Errorf("got %s, want %q", text, tt.err)
			}
		})
	}
}

func TestWithoutFactsTheNameIsUnknown(t *testing.T) {
	_, diags := eval.Build(load(t, `locals { a = fact.os.id }`), newFakes(), eval.Inputs{})
	if !strings.Contains(diags.Error(), "Unknown name") {
		t.Errorf("got %s", diags.Error())
	}
}

func TestFactsThatCannotBeGatheredAreSaid(t *testing.T) {
	cfg := load(t, `output "o" { value = fact.os.id }`)
	_, diags := eval.Build(cfg, newFakes(), eval.Inputs{Facts: &fakeFacts{broken: errors.New("no such file")}})
	if d := onlyDiag(t, diags); d.Summary != "Facts not known" || !strings.Contains(d.Detail, "os could not be gathered: no such file") {
		t.Error(d)
	}
}
