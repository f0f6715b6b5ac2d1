package terraform

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"
)

// overrides are blocks override, each with some of what there can be in one.
func overrides(blocks ...map[string]cty.Value) cty.Value {
	values := make([]cty.Value, len(blocks))
	for i, block := range blocks {
		attrs := map[string]cty.Value{}
		for name, of := range taskSchema().ImpliedType().AttributeType("override").ElementType().AttributeTypes() {
			if attrs[name] = cty.NullVal(of); block[name] != cty.NilVal {
				attrs[name] = block[name]
			}
		}
		values[i] = cty.ObjectVal(attrs)
	}
	return cty.ListVal(values)
}

func TestAStackWithACommandOfItsOwn(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.stack(t, "old")
	f.stack(t, "gone")
	log := filepath.Join(t.TempDir(), "log")
	noting := func(name string) string {
		return strings.Replace(fakeScript, "case", `[ "$1" = plan ] && echo `+name+` "$(basename "$PWD")" >>`+log+"\ncase", 1)
	}
	f.install(t, "command", noting("new"))
	f.install(t, "command-1.5", noting("1.5"))
	nowhere := filepath.Join(f.bin, "nowhere")
	task := f.open(t, map[string]cty.Value{"parallelism": cty.NumberIntVal(1), "override": overrides(
		map[string]cty.Value{"paths": listOf("old"), "binary": cty.StringVal(filepath.Join(f.bin, "command-1.5"))},
		map[string]cty.Value{"paths": listOf("gone"), "binary": cty.StringVal(nowhere)},
	)})
	change, diags := task.Plan(t.Context(), nil)
	if diff := cmp.Diff(map[string]string{"gone": "error", "old": "clean first", "stack": "clean first"}, verdicts(change)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff("1.5 old\nnew stack\n", read(t, log)); diff != "" {
		t.Errorf("commands (-want +got):\n%s", diff)
	}
	if !strings.Contains(asJSON(t, diags), nowhere) {
		t.Errorf("nothing is said of %s: %v", nowhere, diags)
	}
	f.install(t, "nowhere", fakeScript)
	if diff := cmp.Diff(map[string]string{"gone": "clean first", "old": "clean", "stack": "clean"}, checked(t, task)); diff != "" {
		t.Errorf("when the command is there (-want +got):\n%s", diff)
	}
}

func TestAVersionThatTheCodeAsksForIsToldWhereACheckFails(t *testing.T) {
	t.Parallel()
	const (
		terraform = `{"type":"version","terraform":"1.9.8"}` + "\n"
		tofu      = `{"type":"version","tofu":"1.9.8"}` + "\n"
		broken    = `{"type":"diagnostic","diagnostic":{"severity":"error","summary":"Unsupported argument"}}` + "\n"
		denied    = `{"type":"diagnostic","diagnostic":{"severity":"error","summary":"Access denied"}}` + "\n"
	)
	for name, test := range map[string]struct{ file, asks, said, want string }{
		"another version":                {"envs/prod/.terraform-version", "1.5.7\n", terraform + broken, "asks for version 1.5.7 in .terraform-version, and was planned with terraform 1.9.8"},
		"one for all stacks":             {".terraform-version", "v1.5.7", terraform + broken, "asks for version 1.5.7"},
		"that of OpenTofu":               {"envs/.opentofu-version", "1.8.0", tofu + broken, "in .opentofu-version, and was planned with opentofu 1.9.8"},
		"the same":                       {".terraform-version", "1.9.8\n", terraform + broken, ""},
		"none in particular":             {".terraform-version", "latest:^1.5", terraform + broken, ""},
		"one that is above the root":     {"../.terraform-version", "1.5.7", terraform + broken, ""},
		"that of terraform, with tofu":   {".terraform-version", "1.5.7", tofu + broken, ""},
		"what no version has to do with": {".terraform-version", "1.5.7", terraform + denied, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			f.stack(t, "envs/prod")
			write(t, filepath.Join(f.root, test.file), test.asks)
			f.fails(t, test.said)
			change, _ := f.open(t, nil).Plan(t.Context(), nil)
			message := finding(t, change, "envs/prod").Value.GetAttr("error").AsString()
			if !strings.Contains(message, test.want) || test.want == "" && strings.Contains(message, "asks for") {
				t.Errorf("it says %q, want %q", message, test.want)
			}
		})
	}
}
