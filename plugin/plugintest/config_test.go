package plugintest

import (
	"strings"
	"testing"
	"time"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin/event"
	"github.com/driftless-hq/driftless/plugin/schema"
)

type ruleConfig struct {
	Name  string `schema:"name,label"`
	Match string `schema:"match,required" doc:"What to match."`
}

type wholeConfig struct {
	Path   string                `schema:"path,required" doc:"A path."`
	Wait   time.Duration         `schema:"wait" doc:"A wait." default:"30s"`
	Words  []string              `schema:"words" doc:"Words."`
	Env    map[string]string     `schema:"env" doc:"An environment."`
	Count  int                   `schema:"count" doc:"A count."`
	Digest string                `schema:"digest,computed" doc:"A digest."`
	Keep   event.Expr            `schema:"keep" doc:"What to keep."`
	One    *ruleBody             `schema:"one" doc:"One rule."`
	Many   []ruleBody            `schema:"many" doc:"Many rules."`
	Named  map[string]ruleConfig `schema:"named" doc:"Named rules."`
}

type ruleBody struct {
	Match string `schema:"match,required" doc:"What to match."`
}

func TestConfigsAreCompletedAsTheCoreDoes(t *testing.T) {
	b := schema.MustFor[wholeConfig]("All there is.")
	v, err := Config{
		"path": "/a", "words": []string{"x"}, "env": map[string]any{"A": "1"}, "count": uint8(3), "keep": event.Expr{Text: "event.a"},
		"one": Config{"match": "1"}, "many": []Config{{"match": "2"}}, "named": map[string]Config{"n": {"match": "3"}},
	}.Value(b)
	if err != nil {
		t.Fatal(err)
	}
	if !v.Type().Equals(b.ImpliedType()) {
		t.Fatalf("it has the type %#v", v.Type())
	}
	var got wholeConfig
	if err := schema.Decode(v, &got); err != nil {
		t.Fatal(err)
	}
	if got.Wait != 30*time.Second || got.Words[0] != "x" || got.Env["A"] != "1" || got.Count != 3 || got.Keep.Text != "event.a" ||
		got.One.Match != "1" || got.Many[0].Match != "2" || got.Named["n"] != (ruleConfig{"n", "3"}) {
		t.Errorf("got %+v", got)
	}
	least, err := Config{"path": cty.StringVal("/a"), "wait": nil}.Value(b)
	if err != nil || !least.GetAttr("wait").IsNull() || !least.GetAttr("one").IsNull() || least.GetAttr("many").LengthInt() != 0 {
		t.Errorf("the least: %#v, %v", least, err)
	}
}

func TestConfigsThatDontFitAreRefused(t *testing.T) {
	b := schema.MustFor[wholeConfig]("All there is.")
	for want, spoil := range map[string]func(Config){
		"path: it is required":                func(c Config) { delete(c, "path") },
		`the schema has no "other"`:           func(c Config) { c["other"] = 1 },
		"digest: it is computed":              func(c Config) { c["digest"] = "x" },
		"count: a number is required":         func(c Config) { c["count"] = "many" },
		"count: a chan int is not":            func(c Config) { c["count"] = make(chan int) },
		"words: a chan int is not":            func(c Config) { c["words"] = []chan int{nil} },
		"one: a []plugintest.Config is not":   func(c Config) { c["one"] = []Config{{"match": "x"}} },
		"many: block 0: match: it is require": func(c Config) { c["many"] = []Config{{}} },
		`named: n: the schema has no "name"`:  func(c Config) { c["named"] = map[string]Config{"n": {"match": "x", "name": "n"}} },
	} {
		c := Config{"path": "/a"}
		spoil(c)
		if _, err := c.Value(b); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
