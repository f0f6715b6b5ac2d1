package command

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/urfave/cli/v3"
)

// completeTable has a command of each shape that the completion knows.
func completeTable() []*cli.Command {
	return []*cli.Command{
		{Name: "plan", Flags: []cli.Flag{
			&cli.StringFlag{Name: "config", Usage: "the `PATH`"},
			&cli.StringSliceFlag{Name: "target", Usage: "an `ADDRESS`"},
			&cli.StringSliceFlag{Name: "tags", Usage: "some `TAGS`"},
			&cli.StringFlag{Name: "out", Usage: "no name is known for this `THING`"},
		}},
		{Name: "schema", ArgsUsage: "[show TYPE]"},
		{Name: "version"},
	}
}

const completeConfig = `
task "file" "motd" {
  path = "/etc/motd"
  tags = ["web", "db", "a b", "$(reboot)", "-x;", var.computed, 1]
}

task "file" "issue" {
  tags = concat(["other"], [])
}

sink "file" "audit" {
  tags = ["web", "audit"]
}
`

func TestComplete(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "main.hcl"), []byte(completeConfig), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name  string
		words []string
		want  []string
	}{
		{"addresses of all kinds", []string{"plan", "-config=" + dir, "-target", ""}, []string{"sink.file.audit", "task.file.issue", "task.file.motd"}},
		{"an address that was begun", []string{"plan", "-config", dir, "-target=task.file.m"}, []string{"-target=task.file.motd"}},
		{"tags, each once, without those that a shell would take apart", []string{"plan", "-config", dir, "-tags", ""}, []string{"audit", "db", "web"}},
		{"another tag of a list", []string{"plan", "-config", dir, "-tags=web,d"}, []string{"-tags=web,db"}},
		{"a value that goes by no name that is known", []string{"plan", "-out="}, nil},
		{"a value of a flag that isn't there", []string{"plan", "-nothing="}, nil},
		{"a flag that can be repeated", []string{"plan", "-target=a", "-ta"}, []string{"-target=", "-tags="}},
		{"a flag that can't", []string{"plan", "-config=a", "-co"}, nil},
		{"a word that stands for itself", []string{"schema", ""}, []string{"show"}},
		{"types", []string{"schema", "show", "task.fi"}, []string{"task.file"}},
		{"one argument too many", []string{"schema", "show", "task.file", ""}, nil},
		{"a command without arguments", []string{"version", ""}, nil},
		{"a flag before the command", []string{"-h"}, []string{"-help"}},
		{"a command that isn't there", []string{"nothing", ""}, []string{"plan", "schema", "version"}},
		{"no word at all", nil, []string{"plan", "schema", "version"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var out strings.Builder
			complete(t.Context(), &out, completeTable(), test.words)
			var got []string
			for line := range strings.Lines(out.String()) {
				word, _, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
				got = append(got, word)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("wrong candidates (-want +got):\n%s", diff)
			}
		})
	}
}

// TestChoicesAreOffered keeps the values in the table in step with what the
// commands take: each default must be among them.
func TestChoicesAreOffered(t *testing.T) {
	count := 0
	for _, c := range Table() {
		for _, f := range c.Flags {
			fixed, ok := f.(*choice)
			if !ok {
				continue
			}
			count++
			var out strings.Builder
			value := fixed.Value
			if value == "" { // it has no default
				value = fixed.words[0]
			}
			complete(t.Context(), &out, Table(), []string{c.Name, "-" + fixed.Name, value})
			if strings.TrimSpace(out.String()) != value {
				t.Errorf("the value %s of -%s is not offered: %s", value, fixed.Name, &out)
			}
		}
	}
	if count == 0 {
		t.Error("no flag is a choice any more: remove the type")
	}
}
