package command_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"

	"github.com/driftless-hq/driftless/command"
	"github.com/driftless-hq/driftless/command/view"
	"github.com/driftless-hq/driftless/config"
)

// The schema that editors are given accepts every example, written as JSON.
func TestTheJSONSchemaAcceptsEveryExample(t *testing.T) {
	schema := compileSchema(t)
	paths, err := filepath.Glob("../website/examples/*/*.hcl")
	if err != nil || len(paths) == 0 {
		t.Fatalf("there are no examples: %v", err)
	}
	for _, path := range paths {
		t.Run(filepath.Base(filepath.Dir(path))+"/"+filepath.Base(path), func(t *testing.T) {
			document, bodies := toJSON(t, path, noBody)
			if out, ok := validates(t, document); !ok {
				t.Fatalf("driftless doesn't accept the example as JSON, so that it is no test:\n%s\n%s", document, out)
			}
			if err := schema.Validate(parse(t, document)); err != nil {
				t.Errorf("the schema refuses what driftless accepts: %v\n%s", err, document)
			}
			for n := range bodies {
				if document, _ := toJSON(t, path, n+1); schema.Validate(parse(t, document)) == nil {
					t.Errorf("the schema accepts an argument that there isn't:\n%s", document)
				}
			}
		})
	}
}

func TestTheJSONSchemaAndDriftlessAgree(t *testing.T) {
	schema := compileSchema(t)
	tests := map[string]struct {
		config string
		valid  bool
	}{
		"nothing at all":                     {`{}`, true},
		"a list of files":                    {`[{"locals": {"a": 1}}, {"locals": {"b": [2]}}]`, true},
		"comments":                           {`{"//": "x", "task": {"file": {"a": {"//": 1, "path": "/a"}}}}`, true},
		"blocks in lists":                    {`{"task": [{"file": [{"a": [{"path": "/a"}]}, {"b": {"path": "/b"}}]}]}`, true},
		"templates for any type":             {`{"variable": {"on": {"default": true}}, "task": {"file": {"a": {"path": "/a", "content": "x", "backup": "${var.on}", "state": "${var.on ? \"present\" : \"absent\"}"}}}}`, true},
		"a number as text":                   {`{"sink": {"console": {"c": {"batch": {"max_events": "12"}}}}}`, true},
		"text as a number":                   {`{"task": {"file": {"a": {"path": "/a", "content": 5}}}}`, true},
		"null for what is optional":          {`{"task": {"file": {"a": {"path": "/a", "content": "x", "mode": null}}}}`, true},
		"a size as a number":                 {`{"sink": {"console": {"c": {"batch": {"max_bytes": 4096}}}}}`, true},
		"a pipeline":                         {`{"source": {"agent": {"a": {}}}, "sink": {"console": {"c": {}}}, "pipeline": {"p": {"from": ["source.agent.a"], "to": ["sink.console.c"], "stage": [{"filter": {"keep": "${event.kind == \"log\"}"}}, {"set": {"fields": {"x": "y"}}}]}}}`, true},
		"a provider":                         {`{"provider": {"vault": {"address": "https://vault.example.com:8200"}}}`, true},
		"a variable with a type":             {`{"variable": {"n": {"type": "list(number)", "default": [1], "validation": {"condition": "${length(var.n) > 0}", "error_message": "Give one."}}}}`, true},
		"a dynamic block":                    {`{"source": {"git": {"g": {"url": "https://e.example/g"}}}, "task": {"terraform": {"t": {"source": "${source.git.g}", "stacks": {"include": ["a"]}, "dynamic": {"ignore": {"for_each": ["a.b"], "content": {"address": "${ignore.value}", "reason": "x"}}}}}}}`, true},
		"dynamic blocks, in lists":           {`{"source": {"git": {"g": {"url": "https://e.example/g"}}}, "task": {"terraform": {"t": {"source": "${source.git.g}", "dynamic": [{"stacks": [{"for_each": [["a"]], "iterator": "s", "content": [{"include": "${s.value}"}]}]}]}}}}`, true},
		"a module":                           {`{"variable": {"on": {"default": false}}, "module": {"m": {"source": "./m", "for_each": "${toset([\"a\"])}", "when": "${var.on}", "tags": ["web"], "depends_on": [], "port": {"a": {"b": [1]}}}}}`, true},
		"an agent":                           {`{"agent": {"listen": "127.0.0.1:0", "defaults": {"task_interval": "1h30m"}}}`, true},
		"an unknown block":                   {`{"tsak": {}}`, false},
		"an unknown dynamic block":           {`{"source": {"git": {"g": {"url": "https://e.example/g"}}}, "task": {"terraform": {"t": {"source": "${source.git.g}", "dynamic": {"ignroe": {"for_each": [], "content": {}}}}}}}`, false},
		"a dynamic block without content":    {`{"source": {"git": {"g": {"url": "https://e.example/g"}}}, "task": {"terraform": {"t": {"source": "${source.git.g}", "stacks": {"include": ["a"]}, "dynamic": {"ignore": {"for_each": ["a"]}}}}}}`, false},
		"an argument that dynamic lacks":     {`{"source": {"git": {"g": {"url": "https://e.example/g"}}}, "task": {"terraform": {"t": {"source": "${source.git.g}", "stacks": {"include": ["a"]}, "dynamic": {"ignore": {"for_each": ["a"], "content": {"colour": "x"}}}}}}}`, false},
		"a dynamic block that isn't one":     {`{"task": {"command": {"c": {"command": ["true"], "dynamic": {"precondition": {"for_each": [1], "content": {"condition": true, "error_message": "x"}}}}}}}`, false},
		"a module without a source":          {`{"module": {"m": {"port": 80}}}`, false},
		"a module with a list of a number":   {`{"module": {"m": {"source": "./m", "port": 80, "tags": 80}}}`, false},
		"an unknown type":                    {`{"task": {"fiel": {"a": {}}}}`, false},
		"an unknown argument":                {`{"task": {"file": {"a": {"path": "/a", "contnet": "x"}}}}`, false},
		"an unknown argument of a block":     {`{"sink": {"console": {"c": {"batch": {"max_event": 1}}}}}`, false},
		"a missing argument":                 {`{"task": {"file": {"a": {"content": "x"}}}}`, false},
		"null for what is required":          {`{"task": {"file": {"a": {"path": null, "content": "x"}}}}`, false},
		"a list for a string":                {`{"task": {"file": {"a": {"path": ["/a"], "content": "x"}}}}`, false},
		"text for a number":                  {`{"sink": {"console": {"c": {"batch": {"max_events": "many"}}}}}`, false},
		"text for a bool":                    {`{"task": {"file": {"a": {"path": "/a", "content": "x", "backup": "yes"}}}}`, false},
		"a choice that isn't one":            {`{"task": {"file": {"a": {"path": "/a", "state": "gone"}}}}`, false},
		"a relative path":                    {`{"task": {"file": {"a": {"path": "a", "content": "x"}}}}`, false},
		"a mode that lost its zero":          {`{"task": {"file": {"a": {"path": "/a", "content": "x", "mode": 644}}}}`, false},
		"a duration without a unit":          {`{"agent": {"defaults": {"task_interval": "30"}}}`, false},
		"a read-only attribute":              {`{"task": {"command": {"c": {"command": ["true"], "rc": 0}}}}`, false},
		"a pipeline without an end":          {`{"source": {"agent": {"a": {}}}, "pipeline": {"p": {"from": ["source.agent.a"]}}}`, false},
		"an unknown stage":                   {`{"source": {"agent": {"a": {}}}, "sink": {"console": {"c": {}}}, "pipeline": {"p": {"from": ["source.agent.a"], "to": ["sink.console.c"], "stage": {"fliter": {}}}}}`, false},
		"two blocks where one may be":        {`{"sink": {"console": {"c": {"batch": [{}, {}]}}}}`, false},
		"a block with nothing but its type":  {`{"task": {"file": {}}}`, false},
		"a name with a space":                {`{"task": {"file": {"my file": {"path": "/a", "content": "x"}}}}`, false},
		"a provider that takes no settings":  {`{"provider": {"files": {}}}`, false},
		"a string where a block is expected": {`{"agent": "x"}`, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if out, ok := validates(t, test.config); ok != test.valid {
				t.Fatalf("driftless accepts it: %t\n%s", ok, out)
			}
			if err := schema.Validate(parse(t, test.config)); (err == nil) != test.valid {
				t.Errorf("the schema says %v", err)
			}
		})
	}
}

// compileSchema returns the schema as driftless writes it.
func compileSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	var out, problems bytes.Buffer
	code := command.Main([]string{"driftless", "schema", "-format=jsonschema"}, view.Streams{In: strings.NewReader(""), Out: &out, Err: &problems})
	if code != 0 {
		t.Fatalf("driftless schema ended with %d: %s", code, problems.String())
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("driftless.json", parse(t, out.String())); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("driftless.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func parse(t *testing.T, document string) any {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(document))
	if err != nil {
		t.Fatalf("%v in %s", err, document)
	}
	return v
}

// validates runs driftless validate on a configuration in JSON.
func validates(t *testing.T, document string) (output string, ok bool) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "main.json")
	if err := os.WriteFile(path, []byte(document), 0o600); err != nil {
		t.Fatal(err)
	}
	module := filepath.Join(filepath.Dir(path), "m") // for those that use one
	if err := os.Mkdir(module, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(module, "main.hcl"), []byte(`variable "port" {}`), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"driftless", "validate", "-config", path}
	cfg, _ := config.Load(path) // what is wrong with it is for validate to say
	for name, v := range cfg.Variables {
		if v.Default == cty.NilVal {
			args = append(args, "-var", name+"=example")
		}
	}
	var out bytes.Buffer
	code := command.Main(args, view.Streams{In: strings.NewReader(""), Out: &out, Err: &out})
	return out.String(), code == 0
}

// noBody is no number of a body in a file: they count from 1.
const noBody = 0

// toJSON writes a file of the native syntax in the JSON syntax, and returns
// how many bodies it has whose arguments are known. The one with the number
// spoilt has an argument too many.
func toJSON(t *testing.T, path string, spoilt int) (document string, bodies int) {
	t.Helper()
	src, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	file, diags := hclsyntax.ParseConfig(src, path, hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	w := &jsonWriter{t: t, src: src, spoilt: spoilt}
	out, err := json.MarshalIndent(w.body("", file.Body.(*hclsyntax.Body)), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return string(out), w.bodies
}

type jsonWriter struct {
	t              *testing.T
	src            []byte
	bodies, spoilt int
}

func (w *jsonWriter) body(name string, b *hclsyntax.Body) map[string]any {
	out := make(map[string]any)
	if name != "locals" {
		if w.bodies++; w.bodies == w.spoilt {
			out["nonsense"] = 1
		}
	}
	for name, attr := range b.Attributes {
		switch name {
		case "from", "to", "depends_on", "type": // taken as they are written
			out[name] = w.asWritten(attr.Expr)
		default:
			out[name] = w.expression(attr.Expr)
		}
	}
	for _, block := range b.Blocks {
		var content any = w.body(block.Type, block.Body)
		for _, label := range slices.Backward(block.Labels) {
			content = map[string]any{label: content}
		}
		list, _ := out[block.Type].([]any)
		out[block.Type] = append(list, content)
	}
	return out
}

func (w *jsonWriter) text(expr hcl.Expression) string { return string(expr.Range().SliceBytes(w.src)) }

func (w *jsonWriter) asWritten(expr hclsyntax.Expression) any {
	tuple, ok := expr.(*hclsyntax.TupleConsExpr)
	if !ok {
		return strings.Trim(w.text(expr), `"`)
	}
	var items []any
	for _, item := range tuple.Exprs {
		items = append(items, w.text(item))
	}
	return items
}

func (w *jsonWriter) expression(expr hclsyntax.Expression) any {
	switch e := expr.(type) {
	case *hclsyntax.TupleConsExpr:
		items := []any{}
		for _, item := range e.Exprs {
			items = append(items, w.expression(item))
		}
		return items
	case *hclsyntax.ObjectConsExpr:
		members := make(map[string]any)
		for _, item := range e.Items {
			key, diags := item.KeyExpr.Value(nil)
			if diags.HasErrors() || key.Type() != cty.String {
				w.t.Fatalf("this key is beyond the test: %s", w.text(item.KeyExpr))
			}
			members[key.AsString()] = w.expression(item.ValueExpr)
		}
		return members
	}
	v, diags := expr.Value(nil)
	if diags.HasErrors() {
		return "${" + w.text(expr) + "}"
	}
	if v.Type() == cty.String && v.IsKnown() && !v.IsNull() {
		return strings.NewReplacer("${", "$${", "%{", "%%{").Replace(v.AsString())
	}
	return ctyjson.SimpleJSONValue{Value: v}
}
