package schema

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin/event"
)

type shared struct {
	Token string `schema:"token,sensitive" doc:"A token."`
}

type rule struct {
	Name  string `schema:"name,label"`
	Match string `schema:"match,required" doc:"What to match." format:"regexp"`
}

type proxy struct {
	URL string `schema:"url,required" doc:"Where it is." format:"url"`
}

type inferred struct {
	shared
	Path    string            `schema:"path,required" doc:"A path." format:"absolute path" claim:"owns"`
	Mode    *string           `schema:"mode" doc:"A mode." format:"mode"`
	Level   string            `schema:"level" doc:"A level." default:"info" enum:"debug,info"`
	Old     bool              `schema:"old" doc:"Old." default:"true" deprecated:"Use path."`
	Count   uint16            `schema:"count" doc:"A count." default:"3"`
	Ratio   *float64          `schema:"ratio" doc:"A ratio."`
	Wait    time.Duration     `schema:"wait" doc:"A wait." default:"30s"`
	Limit   *Bytes            `schema:"limit" doc:"A limit."`
	Words   []string          `schema:"words" doc:"Words." default:"[\"a\",\"b\"]"`
	Waits   []time.Duration   `schema:"waits" doc:"Waits."`
	Matrix  [][]int           `schema:"matrix" doc:"A matrix."`
	Env     map[string]string `schema:"env" doc:"An environment."`
	Any     cty.Value         `schema:"any" doc:"Anything."`
	Keep    event.Expr        `schema:"keep" doc:"Which to keep."`
	Fields  event.ExprMap     `schema:"fields" doc:"What to set."`
	Until   Self              `schema:"until" doc:"When it is done."`
	Digest  string            `schema:"digest,computed" doc:"A digest."`
	Proxy   *proxy            `schema:"proxy" doc:"A proxy."`
	Proxies []*proxy          `schema:"hop,required" doc:"Hops."`
	Rules   map[string]rule   `schema:"rule" doc:"Rules."`
}

func TestForMakesTheSchemaOfAStruct(t *testing.T) {
	got, err := For[inferred]("All there is.")
	if err != nil {
		t.Fatal(err)
	}
	hop := Block{Attributes: []Attribute{{Name: "url", Type: cty.String, Doc: "Where it is.", Required: true, Format: URL}}}
	named := func(doc string, b Block) Block { b.Doc = doc; return b }
	want := &Block{
		Doc: "All there is.",
		Attributes: []Attribute{
			{Name: "token", Type: cty.String, Doc: "A token.", Sensitive: true},
			{Name: "path", Type: cty.String, Doc: "A path.", Required: true, Format: AbsolutePath, Claim: Owns},
			{Name: "mode", Type: cty.String, Doc: "A mode.", Format: Mode},
			{Name: "level", Type: cty.String, Doc: "A level.", Default: cty.StringVal("info"), Enum: []string{"debug", "info"}},
			{Name: "old", Type: cty.Bool, Doc: "Old.", Default: cty.True, Deprecated: "Use path."},
			{Name: "count", Type: cty.Number, Doc: "A count.", Default: cty.NumberIntVal(3)},
			{Name: "ratio", Type: cty.Number, Doc: "A ratio."},
			{Name: "wait", Type: cty.String, Doc: "A wait.", Default: cty.StringVal("30s"), Format: Duration},
			{Name: "limit", Type: cty.String, Doc: "A limit.", Format: Size},
			{Name: "words", Type: cty.List(cty.String), Doc: "Words.", Default: cty.ListVal([]cty.Value{cty.StringVal("a"), cty.StringVal("b")})},
			{Name: "waits", Type: cty.List(cty.String), Doc: "Waits.", Format: Duration},
			{Name: "matrix", Type: cty.List(cty.List(cty.Number)), Doc: "A matrix."},
			{Name: "env", Type: cty.Map(cty.String), Doc: "An environment."},
			{Name: "any", Type: cty.DynamicPseudoType, Doc: "Anything."},
			{Name: "keep", Type: EventExpr, Doc: "Which to keep."},
			{Name: "fields", Type: EventExprs, Doc: "What to set."},
			{Name: "until", Type: SelfExpr, Doc: "When it is done."},
			{Name: "digest", Type: cty.String, Doc: "A digest.", Computed: true},
		},
		Blocks: []Nested{
			{Name: "proxy", Block: named("A proxy.", hop)},
			{Name: "hop", Nesting: List, Required: true, Block: named("Hops.", hop)},
			{Name: "rule", Nesting: Map, Label: "name", Block: Block{Doc: "Rules.", Attributes: []Attribute{
				{Name: "match", Type: cty.String, Doc: "What to match.", Required: true, Format: Regexp},
			}}},
		},
	}
	values := cmp.Comparer(func(a, b cty.Value) bool { return a.GoString() == b.GoString() })
	types := cmp.Comparer(func(a, b cty.Type) bool { return a.Equals(b) })
	if diff := cmp.Diff(want, got, values, types); diff != "" {
		t.Error(diff)
	}
	if err := Check(got, inferred{}); err != nil {
		t.Error(err)
	}
}

func TestWhatASchemaOfAStructDescribesIsDecoded(t *testing.T) {
	type config struct {
		shared
		Count uint8            `schema:"count" doc:"A count."`
		Rules map[string]*rule `schema:"rule" doc:"Rules."`
		Waits []time.Duration  `schema:"waits" doc:"Waits."`
	}
	b := MustFor[config]("A block.")
	v := cty.ObjectVal(map[string]cty.Value{
		"token": cty.StringVal("t"), "count": cty.NumberIntVal(255), "waits": cty.ListVal([]cty.Value{cty.StringVal("2m")}),
		"rule": cty.MapVal(map[string]cty.Value{"x": cty.ObjectVal(map[string]cty.Value{"match": cty.StringVal("m")})}),
	})
	if !v.Type().Equals(b.ImpliedType()) {
		t.Fatalf("the schema has the type %#v", b.ImpliedType())
	}
	var got config
	if err := Decode(v, &got); err != nil {
		t.Fatal(err)
	}
	want := config{shared: shared{"t"}, Count: 255, Waits: []time.Duration{2 * time.Minute}, Rules: map[string]*rule{"x": {Name: "x", Match: "m"}}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(config{}, shared{})); diff != "" {
		t.Error(diff)
	}
}

type loop struct {
	Again *loop `schema:"again" doc:"Again."`
}

func TestForNamesTheFieldOfEachMistake(t *testing.T) {
	tests := map[string]struct {
		make func(string) (*Block, error)
		want string
	}{
		"no documentation": {For[struct {
			A string `schema:"a"`
		}], ".A: the tag doc is missing"},
		"an unknown option": {For[struct {
			A string `schema:"a,requird" doc:"A."`
		}], `.A: the tag schema has the unknown option "requird"`},
		"no name": {For[struct {
			A string `schema:",required" doc:"A."`
		}], ".A: the tag schema has no name"},
		"a field that nobody can set": {For[struct {
			a string `schema:"a" doc:"A."` //nolint:unused // that it is not exported is the mistake
		}], ".a: the field has the tag schema and is not exported"},
		"a type that no attribute has": {For[struct {
			A chan int `schema:"a" doc:"A."`
		}], ".A: no attribute can be of the Go type chan int"},
		"bytes, which would be a list of numbers": {For[struct {
			A []byte `schema:"a" doc:"A."`
		}], ".A: no attribute can be of the Go type []uint8"},
		"a list of anything": {For[struct {
			A []cty.Value `schema:"a" doc:"A."`
		}], ".A: no attribute can be of the Go type []cty.Value"},
		"a map by number": {For[struct {
			A map[int]string `schema:"a" doc:"A."`
		}], ".A: no attribute can be of the Go type map[int]string"},
		"a pointer that is required": {For[struct {
			A *string `schema:"a,required" doc:"A."`
		}], ".A: a pointer is for what can be left out"},
		"a default of another type": {For[struct {
			A int `schema:"a" doc:"A." default:"many"`
		}], `.A: the default "many" is no number`},
		"a default that is null": {For[struct {
			A []string `schema:"a" doc:"A." default:"null"`
		}], `.A: the default "null" is no list of string`},
		"a default of an expression": {For[struct {
			A event.Expr `schema:"a" doc:"A." default:"1"`
		}], ".A: an attribute that takes an expression or anything has no default"},
		"a default without the format": {For[struct {
			A time.Duration `schema:"a" doc:"A." default:"soon"`
		}], `the attribute "a" has a default that has not its format: "soon" is not a duration`},
		"a default that is no choice": {For[struct {
			A string `schema:"a" doc:"A." default:"c" enum:"a,b"`
		}], `the attribute "a" has a default that is none of its choices: "c"`},
		"a format of a number": {For[struct {
			A int `schema:"a" doc:"A." format:"mode"`
		}], `the attribute "a" has a format, choices or a claim, which only strings can have`},
		"an unknown format": {For[struct {
			A string `schema:"a" doc:"A." format:"durration"`
		}], `the attribute "a" has the unknown format "durration"`},
		"an unknown claim": {For[struct {
			A string `schema:"a" doc:"A." claim:"own"`
		}], `the attribute "a" has the unknown claim "own"`},
		"a format against that of the type": {For[struct {
			A Bytes `schema:"a" doc:"A." format:"mode"`
		}], `.A: the format "mode" is not that of schema.Bytes, which is "size"`},
		"required and computed": {For[struct {
			A string `schema:"a,required,computed" doc:"A."`
		}], `the attribute "a" is more than one of required, computed and with a default`},
		"the same name twice": {For[struct {
			A string `schema:"a" doc:"A."`
			B string `schema:"a" doc:"B."`
		}], `the name "a" is there twice`},
		"a name that can't be written": {For[struct {
			A string `schema:"a b" doc:"A."`
		}], `the name "a b" is not an identifier`},
		"a computed block": {For[struct {
			A proxy `schema:"a,computed" doc:"A."`
		}], ".A: a block can be neither computed nor sensitive"},
		"a default of a block": {For[struct {
			A proxy `schema:"a" doc:"A." default:"{}"`
		}], ".A: of a block only the tags schema and doc are read"},
		"a map of blocks without a label": {For[struct {
			A map[string]proxy `schema:"a" doc:"A."`
		}], ".A: one string field of schema.proxy has to say what the label means"},
		"a label of a block that has none": {For[struct {
			A []rule `schema:"a" doc:"A."`
		}], ".A: schema.rule has a field for a label"},
		"a label at the top": {For[rule], "rule.Name: only a block in a map of blocks has a label"},
		"a label that is no string": {For[struct {
			A int `schema:"a,label"`
		}], ".A: a label is a string"},
		"a struct that holds itself": {For[loop], "schema.loop holds itself"},
		"what is no struct":          {For[string], "make a schema of string: only a struct has one"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if _, err := tt.make("A block."); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestForReportsAllMistakesAtOnce(t *testing.T) {
	_, err := For[struct {
		A string `schema:"a"`
		B string `schema:",required" doc:"B."`
	}]("A block.")
	if err == nil || !strings.Contains(err.Error(), ".A:") || !strings.Contains(err.Error(), ".B:") {
		t.Errorf("got %v", err)
	}
	defer func() {
		if recover() == nil {
			t.Error("MustFor took it")
		}
	}()
	MustFor[loop]("A block.")
}
