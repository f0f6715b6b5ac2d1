package facts

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/go-hclog"
	"github.com/zclconf/go-cty/cty"
)

// customFacts returns what the directory makes, and the log.
func customFacts(t *testing.T, dir string) (cty.Value, string) {
	t.Helper()
	var log bytes.Buffer
	f := New(Options{CustomDir: dir, Now: time.Now, Log: hclog.New(&hclog.LoggerOptions{Output: &log})})
	return gather(t, f, "custom"), log.String()
}

func TestCustomFacts(t *testing.T) {
	tests := map[string]struct {
		file, content string
		mode          os.FileMode
		want          string // as JSON
		log           string // what it must hold; empty: nothing is logged
	}{
		"a JSON file is a fact":                      {"role.json", `{"name":"db","tags":["a",1,null]}`, 0o644, `{"role":{"name":"db","tags":["a",1,null]}}`, ""},
		"a program prints a fact":                    {"site.sh", "#!/bin/sh\necho '\"berlin\"'\n", 0o755, `{"site":"berlin"}`, ""},
		"a program without an ending":                {"site", "#!/bin/sh\necho 1\n", 0o700, `{"site":1}`, ""},
		"only the last ending is cut off":            {"a.b.json", `true`, 0o600, `{"a.b":true}`, ""},
		"a JSON file is never run":                   {"role.json", `7`, 0o755, `{"role":7}`, ""},
		"a file that is neither is passed over":      {"README", "hello", 0o644, `{}`, ""},
		"a hidden file is passed over":               {".x.json", "1", 0o644, `{}`, ""},
		"broken JSON is null":                        {"role.json", `{"name":`, 0o644, `{"role":null}`, "not valid JSON"},
		"JSON nested without end is null":            {"role.json", strings.Repeat("[", 100_000), 0o644, `{"role":null}`, "depth"},
		"JSON nested too deep is null":               {"role.json", strings.Repeat("[", 101) + strings.Repeat("]", 101), 0o644, `{"role":null}`, "more than 100 deep"},
		"brackets within text don't count":           {"role.json", `"\"` + strings.Repeat("[", 200) + `"`, 0o644, `{"role":"\"` + strings.Repeat("[", 200) + `"}`, ""},
		"a file that is too long is null":            {"role.json", `"` + strings.Repeat("x", maxCustom) + `"`, 0o644, `{"role":null}`, "more than 1048576 bytes"},
		"a file that everyone may write is null":     {"role.json", `1`, 0o666, `{"role":null}`, "chmod o-w"},
		"a program that everyone may write is null":  {"site", "#!/bin/sh\necho 1\n", 0o777, `{"site":null}`, "chmod o-w"},
		"a program that fails is null":               {"site", "#!/bin/sh\necho 1\necho broken >&2\nexit 3\n", 0o755, `{"site":null}`, "broken"},
		"a program that prints no JSON is null":      {"site", "#!/bin/sh\necho hello\n", 0o755, `{"site":null}`, "not valid JSON"},
		"a program that prints too much is null":     {"site", "#!/bin/sh\nhead -c 2000000 /dev/zero\n", 0o755, `{"site":null}`, "printed more than"},
		"a program that the kernel refuses is null":  {"site", "neither a script nor a binary", 0o755, `{"site":null}`, "could not be learnt"},
		"a program can't see what may hold a secret": {"site", "#!/bin/sh\necho \"[\\\"${DRIFTLESS_SECRET_X-unset}\\\"]\"\n", 0o755, `{"site":["unset"]}`, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Setenv("DRIFTLESS_SECRET_X", "hunter2")
			dir := t.TempDir()
			writeFile(t, filepath.Join(dir, tt.file), []byte(tt.content), tt.mode)
			value, log := customFacts(t, dir)
			if diff := cmp.Diff(decode(t, []byte(tt.want)), decode(t, encode(t, value))); diff != "" {
				t.Errorf("the facts differ (-want +got):\n%s", diff)
			}
			if (tt.log == "") != (log == "") || !strings.Contains(log, tt.log) {
				t.Errorf("the log is %q, want %q in it", log, tt.log)
			}
		})
	}
}

func TestCustomFactsOfTheSameNameTakeTheFirst(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "role.json"), []byte(`"json"`), 0o644)
	writeFile(t, filepath.Join(dir, "role.sh"), []byte("#!/bin/sh\necho '\"sh\"'\n"), 0o755)
	value, log := customFacts(t, dir)
	if got := value.GetAttr("role").AsString(); got != "json" {
		t.Errorf("the fact is that of %s", got)
	}
	if !strings.Contains(log, "role.sh") {
		t.Errorf("the log doesn't name the file that was left out: %s", log)
	}
}

func TestCustomFactsFromAnUnsafeDirectoryAreLeftOut(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "role.json"), []byte(`1`), 0o644)
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	value, log := customFacts(t, dir)
	if value.LengthInt() != 0 || !strings.Contains(log, "is not safe") {
		t.Errorf("the facts are %#v and the log %q", value, log)
	}
}

func TestACustomFactOfSomeoneElseIsNull(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give a file to someone else")
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "site")
	writeFile(t, path, []byte("#!/bin/sh\necho 1\n"), 0o755)
	if err := os.Chown(path, 12345, 12345); err != nil {
		t.Fatal(err)
	}
	value, log := customFacts(t, dir)
	if !value.GetAttr("site").IsNull() || !strings.Contains(log, "12345") {
		t.Errorf("the facts are %#v and the log %q", value, log)
	}
}

func TestACustomProgramMustLieInTheDirectoryItself(t *testing.T) {
	dir, elsewhere := t.TempDir(), filepath.Join(t.TempDir(), "site")
	writeFile(t, elsewhere, []byte("#!/bin/sh\necho 1\n"), 0o755)
	if err := os.Symlink(elsewhere, filepath.Join(dir, "site")); err != nil {
		t.Fatal(err)
	}
	value, log := customFacts(t, dir)
	if !value.GetAttr("site").IsNull() || !strings.Contains(log, "not a regular file") {
		t.Errorf("the facts are %#v and the log %q", value, log)
	}
}

func TestADirectoryOfCustomFactsThatIsMissingIsNoFault(t *testing.T) {
	value, log := customFacts(t, filepath.Join(t.TempDir(), "facts.d"))
	if value.LengthInt() != 0 || log != "" {
		t.Errorf("the facts are %#v and the log %q", value, log)
	}
}
