package files

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
)

func TestLineinfile(t *testing.T) {
	tests := []struct {
		name    string
		before  string
		written attrs
		want    string
	}{
		{"a missing line goes to the end", "a\nb\n", attrs{"line": str("c")}, "a\nb\nc\n"},
		{"a line that is there stays where it is", "a\nb\n", attrs{"line": str("a")}, "a\nb\n"},
		{"an empty file gets one line", "", attrs{"line": str("a")}, "a\n"},
		{"a missing newline at the end stays missing", "a\nb", attrs{"line": str("c")}, "a\nb\nc"},
		{"a line of one without a newline", "a", attrs{"line": str("b")}, "a\nb"},
		{"CRLF is kept", "a\r\nb\r\n", attrs{"line": str("c")}, "a\r\nb\r\nc\r\n"},
		{"CRLF is kept without one at the end", "a\r\nb", attrs{"line": str("c")}, "a\r\nb\r\nc"},
		{"the replaced line keeps its own end", "a\nx=1\r\nb\n", attrs{"regexp": str("^x="), "line": str("x=2")}, "a\nx=2\r\nb\n"},
		{"the last match is replaced", "x=1\nx=2\n", attrs{"regexp": str("^x="), "line": str("x=3")}, "x=1\nx=3\n"},
		{"the first match is replaced on request", "x=1\nx=2\n", attrs{"regexp": str("^x="), "line": str("x=3"), "first_match": cty.True}, "x=3\nx=2\n"},
		{"no match adds at the end", "a\n", attrs{"regexp": str("^x="), "line": str("x=1")}, "a\nx=1\n"},
		{"after the last match of insert_after", "a\nb\na\nc\n", attrs{"line": str("x"), "insert_after": str("^a")}, "a\nb\na\nx\nc\n"},
		{"after the first match on request", "a\nb\na\nc\n", attrs{"line": str("x"), "insert_after": str("^a"), "first_match": cty.True}, "a\nx\nb\na\nc\n"},
		{"an insert_after that is not found is the end", "a\n", attrs{"line": str("x"), "insert_after": str("^z")}, "a\nx\n"},
		{"before the last match of insert_before", "a\nb\n", attrs{"line": str("x"), "insert_before": str("^b")}, "a\nx\nb\n"},
		{"at the begin", "a\nb", attrs{"line": str("x"), "insert_before": str("BOF")}, "x\na\nb"},
		{"at the end by name", "a\n", attrs{"line": str("x"), "insert_after": str("EOF")}, "a\nx\n"},
		{"insert_after doesn't move a line that is there", "x\na\n", attrs{"line": str("x"), "insert_after": str("^a")}, "x\na\n"},
		{"backrefs fill in groups", "port = 80 # http\n", attrs{"regexp": str(`^(port = )\d+(.*)`), "line": str(`\g<1>8080\2`), "backrefs": cty.True}, "port = 8080 # http\n"},
		{"a named group and a backslash", "k: v\n", attrs{"regexp": str(`^(?P<key>\w+)[:\\].*`), "line": str(`\g<key>\\`), "backrefs": cty.True}, "k\\\n"},
		{"backrefs without a match add nothing", "a\n", attrs{"regexp": str("^(x)"), "line": str(`\1y`), "backrefs": cty.True}, "a\n"},
		{"absent removes every match", "a\nx1\nb\nx2\n", attrs{"regexp": str("^x"), "state": str("absent")}, "a\nb\n"},
		{"absent removes equal lines", "a\nx\nax\n", attrs{"line": str("x"), "state": str("absent")}, "a\nax\n"},
		{"absent keeps a missing newline at the end", "a\nb\nx", attrs{"line": str("x"), "state": str("absent")}, "a\nb"},
		{"absent removes the only line", "x\n", attrs{"line": str("x"), "state": str("absent")}, ""},
		{"bytes that are no text stay as they are", "\xff\x00\na\n", attrs{"regexp": str("^a"), "line": str("a1")}, "\xff\x00\na1\n"},
		{"an empty line can be wanted", "a\n", attrs{"line": str("")}, "a\n\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			root := t.TempDir()
			path := filepath.Join(root, "file")
			write(t, path, test.before, 0o640)
			test.written["path"] = str(path)
			change := converge(t, root, open(t, "lineinfile", test.written))
			wantFile(t, path, test.want, 0o640)
			if (change.Action == plugin.NoOp) != (test.before == test.want) {
				t.Errorf("planned %s", change.Action)
			}
		})
	}
}

func TestLineinfileMissingFile(t *testing.T) {
	root := t.TempDir()
	path := filepath.Join(root, "file")
	wantSummary(t, planError(t, open(t, "lineinfile", attrs{"path": str(path), "line": str("a")}), newHost()), "Missing file", "create = true")
	wantReasons(t, converge(t, root, open(t, "lineinfile", attrs{"path": str(path), "line": str("a"), "state": str("absent")})), plugin.NoOp)
	wantReasons(t, converge(t, root, open(t, "lineinfile", attrs{"path": str(path), "line": str("a"), "create": cty.True, "mode": str("0600")})), plugin.Create, "does not exist")
	wantFile(t, path, "a\n", 0o600)
	link := filepath.Join(root, "link")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	wantSummary(t, planError(t, open(t, "lineinfile", attrs{"path": str(link), "line": str("b")}), newHost()), "Symbolic link", path)
}

func TestLineinfileValidate(t *testing.T) {
	tests := []struct {
		name    string
		written attrs
		summary string
	}{
		{"no line", attrs{}, "Missing line"},
		{"nothing to remove", attrs{"state": str("absent")}, "Missing regexp"},
		{"several lines", attrs{"line": str("a\nb")}, "More than one line"},
		{"two places", attrs{"line": str("a"), "insert_after": str("EOF"), "insert_before": str("BOF")}, "Two places"},
		{"a line that its regexp doesn't find", attrs{"line": str("b"), "regexp": str("^a")}, "Line doesn't match its regexp"},
		{"backrefs of nothing", attrs{"line": str(`\1`), "backrefs": cty.True}, "Missing regexp"},
		{"a group that isn't there", attrs{"line": str(`\2`), "regexp": str("(a)"), "backrefs": cty.True}, "Unknown group"},
		{"what isn't known yet is not judged", attrs{"line": cty.UnknownVal(cty.String), "regexp": cty.UnknownVal(cty.String)}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.written["path"] = str("/file")
			diags := New().Validate(t.Context(), plugin.TypeRef{Kind: plugin.KindTask, Name: "lineinfile"}, config(t, "lineinfile", test.written))
			if test.summary == "" {
				if len(diags) > 0 {
					t.Error(diags)
				}
				return
			}
			wantSummary(t, diags, test.summary, "")
		})
	}
}

func TestLineinfileThatNeverSettlesIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	write(t, path, "aa\n", 0o644)
	task := open(t, "lineinfile", attrs{"path": str(path), "regexp": str("^(a+)$"), "line": str(`\1a`), "backrefs": cty.True})
	wantSummary(t, planError(t, task, newHost()), "Edit never settles", path)
}

// Two edits of a file that another task owns: the plan sees through all three,
// one write puts the result in place, and then nothing is left to do although
// the owner alone would want its own content back.
func TestPipelineOfOnePath(t *testing.T) {
	root := t.TempDir()
	path := filepath.Join(root, "file")
	tasks := []plugin.Task{
		open(t, "file", attrs{"path": str(path), "content": str("a\n"), "mode": str("0600"), "validate": strs("grep", "-q", "c", "{{path}}")}),
		open(t, "lineinfile", attrs{"path": str(path), "line": str("b")}),
		open(t, "lineinfile", attrs{"path": str(path), "line": str("c"), "mode": str("0640")}),
	}
	planAll := func() []plugin.Change {
		host := newHost()
		var changes []plugin.Change
		for _, task := range tasks {
			changes = append(changes, plan(t, task, host))
		}
		return changes
	}
	merged := merge(planAll()...)
	if merged.Action != plugin.Create || string(merged.Text.After) != "a\nb\nc\n" {
		t.Fatalf("merged is %s of %q", merged.Action, merged.Text.After)
	}
	applyChange(t, tasks[2], merged)
	wantFile(t, path, "a\nb\nc\n", 0o640)

	before := snapshot(t, root)
	again := planAll()
	if again[0].Action != plugin.Update {
		t.Errorf("the owner alone planned %s", again[0].Action)
	}
	if merged := merge(again...); merged.Action != plugin.NoOp {
		t.Errorf("the second plan is %s from %#v to %#v", merged.Action, merged.Before, merged.After)
	}
	if diff := cmp.Diff(before, snapshot(t, root)); diff != "" {
		t.Error(diff)
	}

	write(t, path, "b\n", 0o640)
	merged = merge(planAll()...)
	if merged.Action != plugin.Update || string(merged.Text.Before) != "b\n" || string(merged.Text.After) != "a\nb\nc\n" {
		t.Errorf("after a disturbance: %s from %q to %q", merged.Action, merged.Text.Before, merged.Text.After)
	}
	write(t, path, "something else\n", 0o640)
	_, diags := tasks[2].Apply(t.Context(), merged)
	wantSummary(t, diags, "The file has changed since the plan", "its content had")
}

func TestEditInheritsTheValidationOfTheOwner(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	write(t, path, "good\n", 0o644)
	host := newHost()
	owner := open(t, "file", attrs{"path": str(path), "content": str("good\n"), "validate": strs("sh", "-c", `! grep -q bad "$1"`, "sh", "{{path}}")})
	edit := open(t, "lineinfile", attrs{"path": str(path), "line": str("bad")})
	changes := []plugin.Change{plan(t, owner, host), plan(t, edit, host)}
	_, diags := edit.Apply(t.Context(), merge(changes...))
	wantSummary(t, diags, "File not changed", "did not accept the new file")
	wantFile(t, path, "good\n", 0o644)
}

func TestEditInheritsTheBackupOfTheOwner(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	write(t, path, "precious\n", 0o644)
	host := newHost()
	owner := open(t, "file", attrs{"path": str(path), "content": str("new\n"), "backup": cty.True})
	edit := open(t, "lineinfile", attrs{"path": str(path), "line": str("line")})
	changes := []plugin.Change{plan(t, owner, host), plan(t, edit, host)}
	applyChange(t, edit, merge(changes...))
	wantFile(t, path, "new\nline\n", 0o644)
	store := filepath.Join(edit.(*editedFile).env.Dir, "backup")
	wantFile(t, filepath.Join(store, strings.TrimPrefix(checksumOf([]byte("precious\n")), "sha256:")), "precious\n", 0o600)
}

func TestEditOfAnUnknownFileIsKnownAfterApply(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	host := newHost()
	host.Put(path, plugin.File{Mode: 0o644, UID: os.Geteuid(), GID: os.Getegid(), Unknown: true}, nil)
	task := open(t, "lineinfile", attrs{"path": str(path), "line": str("a")})
	change := plan(t, task, host)
	if change.Fidelity != plugin.KnownAfterApply || change.After.GetAttr("checksum").IsKnown() || !change.Text.Unknown {
		t.Errorf("planned %s with %#v", change.Fidelity, change.After)
	}
	_, diags := task.Apply(t.Context(), change)
	wantSummary(t, diags, "Change not known", "planned again")
}

func FuzzLineEdit(f *testing.F) {
	f.Add([]byte("a\nb\n"), "a", "", "")
	f.Add([]byte("x=1\r\ny"), "x=2", "^x=", "^y")
	f.Fuzz(func(t *testing.T, text []byte, line, pattern, after string) {
		c := lineinfileConfig{Line: &line, State: present}
		if pattern != "" {
			c.Regexp = &pattern
		}
		if after != "" {
			c.InsertAfter = &after
		}
		written := attrs{"path": str("/file"), "line": cty.StringVal(line), "regexp": cty.NullVal(cty.String)}
		if c.Regexp != nil {
			written["regexp"] = cty.StringVal(pattern)
		}
		if validateLineinfile(config(t, "lineinfile", written)).HasErrors() {
			return
		}
		edit, err := newLineEdit(c)
		if err != nil {
			return
		}
		once := edit.apply(text)
		if twice := edit.apply(once); string(twice) != string(once) {
			t.Errorf("%q became %q and then %q", text, once, twice)
		}
		if string(parseLines(text).bytes()) != string(text) {
			t.Errorf("%q is not read as it is", text)
		}
	})
}
