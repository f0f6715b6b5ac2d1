package agent

import (
	"testing"
	"time"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/config/lang"
)

func TestWhatARunCouldNotFindOutStaysAsItWas(t *testing.T) {
	object := func(path, sum cty.Value) cty.Value {
		return cty.ObjectVal(map[string]cty.Value{"path": path, "sum": sum})
	}
	a, b, s, unknown := cty.StringVal("a"), cty.StringVal("b"), cty.StringVal("s"), cty.UnknownVal(cty.String)
	secret := cty.StringVal("secret").Mark(lang.Sensitive)
	for _, tt := range []struct {
		name           string
		old, new, want cty.Value
		news           bool
	}{
		{"the same", object(a, s), object(a, s), object(a, s), false},
		{"another value", object(a, s), object(b, s), object(b, s), true},
		{"an attribute that isn't known any more", object(a, s), object(a, unknown), object(a, s), false},
		{"one that isn't known beside one that changed", object(a, s), object(b, unknown), object(b, s), true},
		{"one that was never known", object(a, unknown), object(a, unknown), object(a, unknown), false},
		{"one that became known", object(a, unknown), object(a, s), object(a, s), true},
		{"a sensitive one keeps its mark", object(a, secret), object(b, unknown), object(b, secret), true},
		{"a task that was left out", object(a, s), cty.NullVal(cty.DynamicPseudoType), cty.NullVal(cty.DynamicPseudoType), true},
		{"a task that takes part again", cty.NullVal(cty.DynamicPseudoType), object(a, unknown), object(a, unknown), true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l, task := newLearned(time.Now()), addr.Addr{Kind: addr.Task, Type: "file", Name: "motd"}
			if !l.put(task, tt.old) {
				t.Error("the first value is no news")
			}
			if news := l.put(task, tt.new); news != tt.news {
				t.Errorf("news: %t, want %t", news, tt.news)
			}
			if got, _ := l.value(task); !got.RawEquals(tt.want) {
				t.Errorf("got %#v, want %#v", got, tt.want)
			}
		})
	}
}
