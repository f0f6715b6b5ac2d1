package plugintest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/event"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// note is a provider of a task that keeps a note in a file. Its fields are the
// mistakes that it makes.
type note struct {
	twoFaces *int // counts how often it was asked for its manifest
	panics   bool // over an empty text
	tells    bool // shows the secret
	logs     bool // logs the secret
	reopens  bool // returns nothing at all once it is closed
	closed   bool
}

type noteConfig struct {
	Path  string `schema:"path,required" doc:"Where it is." format:"absolute path" claim:"owns"`
	Text  string `schema:"text" doc:"What it says."`
	Token string `schema:"token,sensitive" doc:"Who may read it."`
	Size  int    `schema:"size,computed" doc:"How long it is."`
}

func noteSchema() *schema.Block { return schema.MustFor[noteConfig]("Keeps a note.") }

var noteRef = plugin.TypeRef{Kind: plugin.KindTask, Name: "note"}

func (n *note) Manifest(context.Context) (plugin.Manifest, error) {
	m := plugin.Manifest{Name: "note", Doc: "Notes.", Types: []plugin.Type{{Ref: noteRef, Schema: noteSchema()}}}
	if n.twoFaces != nil {
		*n.twoFaces++
		m.Version = strings.Repeat("1", *n.twoFaces)
	}
	return m, nil
}

func (n *note) Configure(context.Context, cty.Value) plugin.Diagnostics { return nil }

func (n *note) Validate(_ context.Context, _ plugin.TypeRef, cfg cty.Value) plugin.Diagnostics {
	if !cfg.IsKnown() {
		return nil
	}
	if text := cfg.GetAttr("text"); n.panics && text.IsKnown() && !text.IsNull() {
		_ = text.AsString()[0]
	}
	if token := cfg.GetAttr("token"); n.tells && token.IsKnown() && !token.IsNull() {
		return plugin.Error(plugin.Attr("token"), "Bad token", "The token %q is not good.", token.AsString())
	}
	return nil
}

func (n *note) Open(_ context.Context, req plugin.OpenRequest) (plugin.Instance, plugin.Diagnostics) {
	if n.reopens && n.closed {
		return nil, nil
	}
	var c noteConfig
	if err := schema.Decode(req.Config, &c); err != nil {
		return nil, plugin.Error(nil, "Bad configuration", "%s.", err)
	}
	if n.logs {
		req.Env.Log.Info("opened", "token", c.Token)
	}
	return noteTask{c, req.Config}, nil
}

func (n *note) Close() error {
	n.closed = true
	return nil
}

type noteTask struct {
	noteConfig
	value cty.Value
}

func (noteTask) Close(context.Context) error { return nil }

func (n noteTask) result() cty.Value {
	values := n.value.AsValueMap()
	values["size"] = cty.NumberIntVal(int64(len(n.Text)))
	return cty.ObjectVal(values)
}

func (n noteTask) Plan(_ context.Context, host plugin.Host) (plugin.Change, plugin.Diagnostics) {
	change := plugin.Change{Action: plugin.NoOp, Fidelity: plugin.Exact, Before: n.result(), After: n.result()}
	if content, err := host.Content(n.Path); err != nil || string(content) != n.Text {
		change.Action, change.Before = plugin.Create, cty.NullVal(n.value.Type())
		host.Put(n.Path, plugin.File{Mode: 0o600}, []byte(n.Text))
	}
	return change, nil
}

func (n noteTask) Apply(_ context.Context, change plugin.Change) (cty.Value, plugin.Diagnostics) {
	if change.Action == plugin.NoOp {
		return change.After, nil
	}
	if err := os.WriteFile(n.Path, []byte(n.Text), 0o600); err != nil {
		return cty.NilVal, plugin.Error(nil, "Cannot write the note", "%s.", err)
	}
	return n.result(), nil
}

func noteExample() Example {
	return Example{Type: noteRef, Config: func(dir string) Config {
		return Config{"path": filepath.Join(dir, "note"), "text": "hello", "token": "a-long-secret"}
	}}
}

func TestAGoodProviderPasses(t *testing.T) {
	newNote := func() *note { return new(note) }
	Conformance(t, newNote, noteExample())
	Acceptance(t, newNote, Task{Example: noteExample(), Disturb: func(t *testing.T, dir string) {
		if err := os.Remove(filepath.Join(dir, "note")); err != nil {
			t.Error(err)
		}
	}})
}

// greeter is a provider that has to be told its name.
type greeter struct {
	*note
}

type greeterConfig struct {
	Name string `schema:"name,required" doc:"Who it is."`
}

func (g greeter) Manifest(ctx context.Context) (plugin.Manifest, error) {
	m, err := g.note.Manifest(ctx)
	m.Config = schema.MustFor[greeterConfig]("A greeter.")
	return m, err
}

func (greeter) Configure(_ context.Context, cfg cty.Value) plugin.Diagnostics {
	if cfg.IsNull() || cfg.GetAttr("name").AsString() != "me" {
		return plugin.Error(plugin.Attr("name"), "No name", "It has no name.")
	}
	return nil
}

func TestAProviderIsConfiguredAsItsExampleSays(t *testing.T) {
	example := noteExample()
	example.Provider = Config{"name": "me"}
	Conformance(t, func() greeter { return greeter{new(note)} }, example)
}

func TestMistakesOfProvidersAreFound(t *testing.T) {
	for name, row := range map[string]struct {
		make func() *note
		find func(p pair) []error
		want string
	}{
		"a manifest that changes": {
			func() *note { return &note{twoFaces: new(int)} }, conformManifest, "the manifest, asked for twice, differs",
		},
		"a panic over a text": {
			func() *note { return &note{panics: true} },
			func(p pair) []error { return conformValidate(context.Background(), p) }, "the provider panicked: runtime error: index out of range",
		},
		"a secret in a diagnostic": {
			func() *note { return &note{tells: true} },
			func(p pair) []error { return conformSecrets(context.Background(), p) }, "the secret is shown",
		},
		"neither an instance nor an error": {
			func() *note { return &note{reopens: true} },
			func(p pair) []error { return conformClose(context.Background(), p) }, "there is neither an instance nor an error",
		},
	} {
		t.Run(name, func(t *testing.T) {
			problems := row.find(newPair(t, func() plugin.Provider { return row.make() }, nil))
			if err := errors.Join(problems...); err == nil || !strings.Contains(err.Error(), row.want) {
				t.Errorf("got %v, want %q", err, row.want)
			}
			if good := row.find(newPair(t, func() plugin.Provider { return new(note) }, nil)); len(good) > 0 {
				t.Errorf("and of a good one: %v", good)
			}
		})
	}
}

func TestManifestsThatAreNotSoundAreFound(t *testing.T) {
	good := func() plugin.Manifest {
		m, _ := new(note).Manifest(t.Context())
		m.Functions = []plugin.Function{{Name: "f", Doc: "F.", Result: cty.String, Variadic: &plugin.Parameter{Name: "a", Doc: "A.", Type: cty.String}}}
		return m
	}
	if problems := checkManifest(good()); len(problems) > 0 {
		t.Fatal(problems)
	}
	for want, spoil := range map[string]func(m *plugin.Manifest){
		"has no name":                     func(m *plugin.Manifest) { m.Name = "" },
		"no documentation":                func(m *plugin.Manifest) { m.Doc = "" },
		"task.note is there twice":        func(m *plugin.Manifest) { m.Types = append(m.Types, m.Types[0]) },
		`there is no kind "tsak"`:         func(m *plugin.Manifest) { m.Types[0].Ref.Kind = "tsak" },
		"it has no schema":                func(m *plugin.Manifest) { m.Types[0].Schema = nil },
		"it emits":                        func(m *plugin.Manifest) { m.Types[0].Emits = true },
		"task.note: it has no doc":        func(m *plugin.Manifest) { m.Types[0].Schema.Doc = "" },
		`the attribute "path" has no doc`: func(m *plugin.Manifest) { m.Types[0].Schema.Attributes[0].Doc = "" },
		`the block "b" has no doc`:        func(m *plugin.Manifest) { m.Types[0].Schema.Blocks = []schema.Nested{{Name: "b"}} },
		`its parameter "a" lacks`:         func(m *plugin.Manifest) { m.Functions[0].Variadic.Doc = "" },
		`the function "f" is there twice`: func(m *plugin.Manifest) { m.Functions = append(m.Functions, m.Functions[0]) },
	} {
		m := good()
		spoil(&m)
		if err := errors.Join(checkManifest(m)...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func TestASecretInTheLogIsFound(t *testing.T) {
	p := newPair(t, func() plugin.Provider { return &note{logs: true} }, nil)
	for _, w := range []*world{p.direct, p.wire} {
		w.open(t, noteExample())
		secrets := secretsOf(noteSchema(), w.request(t, noteExample()).Config)
		if len(secrets) != 1 || exposed(secrets[0], w.logs.String()) == nil {
			t.Errorf("the secrets are %q, the log is %q", secrets, w.logs.String())
		}
	}
}

func TestWhatDoesNotReturnIsFound(t *testing.T) {
	if err := promptly("wait", func(context.Context) { <-t.Context().Done() }); err == nil || !strings.Contains(err.Error(), "has not returned") {
		t.Errorf("got %v", err)
	}
}

// chimera is two kinds at once.
type chimera struct {
	noteTask
}

func (chimera) Collect(context.Context, *event.Builder) error { return nil }

func TestAnInstanceOfAnotherKindIsFound(t *testing.T) {
	task := plugin.Type{Ref: noteRef}
	if err := checkKind(task, noteTask{}); err != nil {
		t.Error(err)
	}
	for _, kind := range []plugin.Type{{Ref: plugin.TypeRef{Kind: plugin.KindSink, Name: "note"}}, {Ref: plugin.TypeRef{Kind: plugin.KindSource, Name: "note"}}} {
		if checkKind(kind, noteTask{}) == nil {
			t.Errorf("a task passes for %s", kind.Ref)
		}
	}
	if checkKind(task, chimera{}) == nil {
		t.Error("a task that is a collector, too, passes")
	}
}
