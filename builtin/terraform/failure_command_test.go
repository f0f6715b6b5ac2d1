package terraform

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"
)

// TestACommandThatIsReplaced is 22 and 39: the command is another while it runs,
// and is still being written when it is to be started.
func TestACommandThatIsReplaced(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	task := f.open(t, nil)
	// It puts another in its place, as the update of a package does.
	replaces := strings.Replace(fakeScript, "case", "[ \"$1\" = plan ] && cp \"$0\" \"$0.new\" && mv \"$0.new\" \"$0\"\ncase", 1)
	f.install(t, "command", replaces)
	if diff := cmp.Diff(map[string]string{"stack": "clean first"}, checked(t, task)); diff != "" {
		t.Errorf("it is replaced while it runs (-want +got):\n%s", diff)
	}
	f.install(t, "command", fakeScript)
	if diff := cmp.Diff(map[string]string{"stack": "clean fingerprint"}, checked(t, task)); diff != "" {
		t.Errorf("it is another (-want +got):\n%s", diff)
	}

	// What is open for writing can't be started.
	writer, err := os.OpenFile(f.binary(), os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	change, diags := task.Plan(t.Context(), nil)
	if got := finding(t, change, "stack"); got.Verdict != "error" || !strings.Contains(asJSON(t, diags), "text file busy") {
		t.Errorf("while it is being written: %s, diagnostics %v", got.Verdict, diags)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	f.install(t, "command", fakeScript+"# complete\n")
	if diff := cmp.Diff(map[string]string{"stack": "clean fingerprint"}, checked(t, task)); diff != "" {
		t.Errorf("when it is complete (-want +got):\n%s", diff)
	}
}

// TestWhatTheCommandSaysIsTakenAsItComes is 45 (a line of a megabyte) and 46
// (what is no text, or is meant for a terminal).
func TestWhatTheCommandSaysIsTakenAsItComes(t *testing.T) {
	t.Parallel()
	diagnostic := func(summary, detail string) string {
		return `{"type":"diagnostic","diagnostic":{"severity":"error","summary":"` + summary + `","detail":"` + detail + `"}}` + "\n"
	}
	for _, test := range []struct {
		name, said, summary, detail string
	}{
		{"45: a line of a megabyte", diagnostic("Too much", strings.Repeat("x", 1<<20)), "Too much", strings.Repeat("x", maxDetail) + "…"},
		{"46: no UTF-8", diagnostic("Bad \xff\xfe text", "a\xc3"), "Bad \ufffd\ufffd text", "a\ufffd"},
		{"46: colours", diagnostic(`\u001b[31mRed\u001b[0m`, `\u001b[1mbold\u001b[0m`), "Red", "bold"},
		{"46: warnings for people before it", "\x1b[33mWarning\x1b[0m: {\n\n\x00{}\n" + diagnostic("The one", "it is"), "The one", "it is"},
		{"46: nothing that is a message", "\x1b[31mpanic\x1b[0m: \xff\n", "The plan failed", "exited with status 1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			f.fails(t, test.said)
			change, _ := f.open(t, nil).Plan(t.Context(), nil)
			got := finding(t, change, "stack")
			if got.Summary != test.summary {
				t.Errorf("the summary is %q, want %q", got.Summary, test.summary)
			}
			if message := got.Value.GetAttr("error").AsString(); !strings.HasSuffix(strings.TrimSpace(message), test.detail) {
				t.Errorf("the error ends in %q, want %q", message[max(0, len(message)-60):], test.detail)
			}
		})
	}
}

// TestTheConfigurationOfTheCommandIsMissing is 47. The agent's own is none of
// the stacks', but one that a stack is given must be there.
func TestTheConfigurationOfTheCommandIsMissing(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	nowhere := filepath.Join(t.TempDir(), "terraform.rc")
	environ := append(os.Environ(), cliConfigName+"="+nowhere)
	attrs := map[string]cty.Value{"path": cty.StringVal(f.root), "binary": cty.StringVal(f.binary())}
	if diff := cmp.Diff(map[string]string{"stack": "clean first"}, checked(t, openTask(t, environ, attrs))); diff != "" {
		t.Errorf("that of the agent (-want +got):\n%s", diff)
	}
	attrs["env"] = cty.MapVal(map[string]cty.Value{cliConfigName: cty.StringVal(nowhere)})
	change, diags := openTask(t, environ, attrs).Plan(t.Context(), nil)
	if got := finding(t, change, "stack"); got.Verdict != "error" || !strings.Contains(asJSON(t, diags), nowhere) {
		t.Errorf("that of the stack: %s, diagnostics %v", got.Verdict, diags)
	}
}

// TestNoStackSeesTheCredentialsOfAnother is 52.
func TestNoStackSeesTheCredentialsOfAnother(t *testing.T) {
	t.Parallel()
	const stacks = 30
	f := newFake(t)
	f.install(t, "command", strings.Replace(fakeScript, "case", `echo "$ACCOUNT $TOKEN" >>"$said/$(basename "$PWD").$1"`+"\ncase", 1))
	overrides := make([]cty.Value, stacks)
	null := cty.NullVal(cty.Map(cty.String))
	for i := range stacks {
		name := fmt.Sprintf("stack%d", i)
		f.stack(t, name)
		overrides[i] = cty.ObjectVal(map[string]cty.Value{
			"paths": listOf(name), "workspaces": cty.NullVal(cty.List(cty.String)), "var_files": cty.NullVal(cty.List(cty.String)), "binary": cty.NullVal(cty.String), "concurrency_group": cty.NullVal(cty.String),
			"variables": null, "secret_variables": null, "backend_config": null,
			"env": cty.MapVal(map[string]cty.Value{"ACCOUNT": cty.StringVal(name), "TOKEN": cty.StringVal("token-of-" + name)}),
		})
	}
	plan(t, f.open(t, map[string]cty.Value{"override": cty.ListVal(overrides), "parallelism": cty.NumberIntVal(10)}))
	for i := range stacks {
		for _, call := range []string{"init", "plan"} {
			name := fmt.Sprintf("stack%d", i)
			got, err := os.ReadFile(filepath.Join(f.bin, name+"."+call))
			if want := name + " token-of-" + name + "\n"; err != nil || string(got) != want {
				t.Errorf("%s of %s had %q, want %q, error %v", call, name, got, want, err)
			}
		}
	}
}

// TestAPlanThatLeavesSomethingOut has a plan that puts a part of the stack off:
// what it says of the rest is not all that there is to say.
func TestAPlanThatLeavesSomethingOut(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.says(t, "plan", `{"type":"planned_change","change":{"action":"create"}}`+"\n")
	for complete, want := range map[bool]string{true: "clean", false: "error"} {
		f.says(t, "show", fmt.Sprintf(`{"format_version":"1.2","complete":%t}`, complete))
		change, _ := f.open(t, nil).Plan(t.Context(), nil)
		if got := finding(t, change, "stack"); got.Verdict != want || !complete && got.Summary != "Incomplete plan" {
			t.Errorf("with complete = %t it is %s: %s", complete, got.Verdict, got.Summary)
		}
	}
}
