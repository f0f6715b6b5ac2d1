package plugin

import (
	"errors"
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"
	"google.golang.org/protobuf/proto"

	"github.com/driftless-hq/driftless/plugin/protocol"
	"github.com/driftless-hq/driftless/plugin/schema"
)

var (
	sameValue = cmp.Comparer(func(a, b cty.Value) bool { return a.GoString() == b.GoString() })
	samePath  = cmp.Comparer(func(a, b cty.Path) bool { return a.Equals(b) })
	sameType  = cmp.Comparer(func(a, b cty.Type) bool { return a.Equals(b) })
)

func wireSchema() *schema.Block {
	return &schema.Block{Doc: "A block.", Attributes: []schema.Attribute{{Name: "a", Type: cty.String, Doc: "A."}}}
}

func wireValue(text string) cty.Value {
	return cty.ObjectVal(map[string]cty.Value{"a": cty.StringVal(text)})
}

func wireManifest() Manifest {
	return Manifest{
		Name: "acme", Version: "1.2.3", Doc: "All of Acme.", Config: wireSchema(),
		Types: []Type{
			{Ref: TypeRef{KindSource, "acme"}, Schema: wireSchema(), Emits: true},
			{Ref: TypeRef{KindTask, "acme"}, Schema: wireSchema(), DetectOnly: true},
			{Ref: TypeRef{KindTask, "other"}, Schema: wireSchema(), EnforcedBy: "block"},
		},
		Functions: []Function{{
			Name: "f", Doc: "A function.", Result: cty.List(cty.String),
			Parameters: []Parameter{{Name: "p", Doc: "A parameter.", Type: cty.Number, AllowNull: true}},
			Variadic:   &Parameter{Name: "rest", Doc: "Others.", Type: cty.DynamicPseudoType},
		}},
	}
}

func TestManifestsCross(t *testing.T) {
	packed, err := packManifest(wireManifest())
	if err != nil {
		t.Fatal(err)
	}
	got, err := unpackManifest(packed)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(wireManifest(), got, sameValue, sameType); diff != "" {
		t.Error(diff)
	}
}

func wireChanges() map[string]Change {
	return map[string]Change{
		"all that there is": {
			Action: Update, Fidelity: Predicted, Before: wireValue("x"), After: cty.UnknownVal(wireSchema().ImpliedType()),
			Text:    &Text{Attribute: "a", Path: "/\xff", Before: []byte{}, After: []byte("\xff"), Unknown: true},
			Reasons: []string{"a"}, Warnings: []string{"Mind the gap."}, Payload: []byte{0, 1}, ReportOnly: true,
			Findings: []Finding{{
				Name: "stack", Verdict: "drifted", Summary: "One.", Value: cty.TupleVal([]cty.Value{cty.True}),
				Detail: []Entry{{Name: "r", Class: "drift", Action: Delete, Attributes: []Differ{{"p", "1", "2"}}}},
			}, {Name: "other"}},
		},
		"a file that comes to be": {Action: Create, Before: cty.NullVal(wireSchema().ImpliedType()), After: wireValue("x"), Text: &Text{After: []byte{}}},
		"nothing before":          {Action: Run, Fidelity: Opaque, After: wireValue("x")},
	}
}

func TestChangesCross(t *testing.T) {
	for name, c := range wireChanges() {
		t.Run(name, func(t *testing.T) {
			packed, err := packChange(c, wireSchema())
			if err != nil {
				t.Fatal(err)
			}
			wire, err := proto.Marshal(packed)
			if err != nil {
				t.Fatal(err)
			}
			var read protocol.Change
			if err := proto.Unmarshal(wire, &read); err != nil {
				t.Fatal(err)
			}
			got, err := unpackChange(&read, wireSchema(), wireValue("x"))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c, got, sameValue); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWhatIsNoChangeIsRefused(t *testing.T) {
	good, err := packChange(wireChanges()["nothing before"], wireSchema())
	if err != nil {
		t.Fatal(err)
	}
	for name, row := range map[string]struct {
		spoil func(*protocol.Change)
		want  string
	}{
		"an unknown action": {func(c *protocol.Change) { c.Action = "explode" }, `unknown action "explode"`},
		"no value after it": {func(c *protocol.Change) { c.After = nil }, "cut short"},
		"garbage after it":  {func(c *protocol.Change) { c.After = []byte("garbage") }, "unpack a value"},
		"garbage before it": {func(c *protocol.Change) { c.Before = []byte("garbage") }, "unpack a value"},
		"a finding of an unknown type": {func(c *protocol.Change) {
			c.Findings = []*protocol.Finding{{Value: []byte{0xc0}, ValueType: []byte("x")}}
		}, "unpack a type"},
	} {
		t.Run(name, func(t *testing.T) {
			c := proto.Clone(good).(*protocol.Change)
			row.spoil(c)
			if _, err := unpackChange(c, wireSchema(), wireValue("x")); err == nil || !strings.Contains(err.Error(), row.want) {
				t.Errorf("got %v, want %q", err, row.want)
			}
		})
	}
	if _, err := unpackChange(nil, wireSchema(), wireValue("x")); err == nil {
		t.Error("nothing at all was taken")
	}
	if _, err := packChange(Change{Action: Run}, wireSchema()); err == nil {
		t.Error("a change without a value after it was packed")
	}
}

func TestFilesCross(t *testing.T) {
	for name, f := range map[string]File{
		"a regular file": {Mode: 0o4755, UID: 1, GID: 2, Size: 1 << 40, Validate: [][]string{{"sh", "\xff"}, {"true"}}, Backup: true},
		"a link":         {Type: fs.ModeSymlink, Target: "\xff"},
		"unknown":        {Unknown: true},
		"a directory":    {Type: fs.ModeDir, Mode: 0o1777},
	} {
		if diff := cmp.Diff(f, unpackFile(packFile(f))); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestErrorsCross(t *testing.T) {
	if unpackError(packError(nil)) != nil {
		t.Error("no error became one")
	}
	if err := unpackError(&protocol.Error{RetryAfter: -5}).(remoteError); err.RetryAfter() != 0 {
		t.Errorf("a wait of %s", err.RetryAfter())
	}
	for _, kind := range []error{fs.ErrNotExist, fs.ErrPermission, ErrUnknown} {
		if got := replyError(withError(&protocol.HostReply{}, errors.Join(errors.New("no"), kind))); !errors.Is(got, kind) {
			t.Errorf("%v became %v", kind, got)
		}
	}
	if got := replyError(withError(&protocol.HostReply{}, errors.New(""))); got == nil {
		t.Error("an error without words was lost")
	}
}

func TestDiagnosticsCross(t *testing.T) {
	diags := Diagnostics{
		{SeverityWarning, "Loud", "It is loud.", Attr("a").IndexInt(3)},
		{SeverityError, "Wrong", "It is wrong.", nil},
	}
	if diff := cmp.Diff(diags, unpackDiagnostics(packDiagnostics(diags)), samePath); diff != "" {
		t.Error(diff)
	}
	if got := unpackDiagnostics([]*protocol.Diagnostic{{Severity: "catastrophe"}, nil}); !got.HasErrors() {
		t.Errorf("what is not known to be a warning was taken for one: %v", got)
	}
}

// FuzzAnswers reads whatever it is given as what a provider answers.
func FuzzAnswers(f *testing.F) {
	manifest, err := packManifest(wireManifest())
	if err != nil {
		f.Fatal(err)
	}
	messages := []proto.Message{manifest, &protocol.HostCall{Call: &protocol.HostCall_AskHost{AskHost: &protocol.AskHost{Host: 1, Method: "Lstat"}}}}
	for _, c := range wireChanges() {
		packed, err := packChange(c, wireSchema())
		if err != nil {
			f.Fatal(err)
		}
		messages = append(messages, packed)
	}
	for _, m := range messages {
		wire, err := proto.Marshal(m)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(wire)
	}
	f.Fuzz(func(t *testing.T, wire []byte) {
		var m protocol.ManifestResponse
		if proto.Unmarshal(wire, &m) == nil {
			if got, err := unpackManifest(&m); err == nil {
				if _, err := packManifest(got); err != nil {
					t.Errorf("a manifest can't be packed again: %v", err)
				}
			}
		}
		var c protocol.Change
		if proto.Unmarshal(wire, &c) == nil {
			if got, err := unpackChange(&c, wireSchema(), wireValue("x")); err == nil {
				if _, err := packChange(got, wireSchema()); err != nil {
					t.Errorf("a change can't be packed again: %v", err)
				}
			}
		}
		var q protocol.HostCall
		if proto.Unmarshal(wire, &q) == nil {
			client := NewClient(nil)
			defer client.stop()
			if reply := client.reply(&q); reply.GetError() == "" {
				t.Errorf("a client that has nothing open answered %v", reply)
			}
		}
	})
}
