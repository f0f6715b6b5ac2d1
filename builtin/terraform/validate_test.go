package terraform

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/schema"
)

func TestSchemaFitsTheConfiguration(t *testing.T) {
	t.Parallel()
	if err := schema.Check(taskSchema(), config{}); err != nil {
		t.Error(err)
	}
	value := configValue(t, map[string]cty.Value{
		"source": cty.ObjectVal(map[string]cty.Value{"path": cty.StringVal("/a"), "commit": cty.NullVal(cty.String)}),
		"ignore": ignoreValue(ignoreConfig{Address: "*", Reason: "r"}),
		"stacks": cty.ObjectVal(map[string]cty.Value{"include": listOf("a"), "exclude": listOf("b"), "require": cty.StringVal(requireAny)}),
	})
	var c config
	if err := schema.Decode(value, &c); err != nil {
		t.Fatal(err)
	}
	if c.Source.Path != "/a" || c.Parallelism != 2 || c.StackTimeout.String() != "30m0s" || c.Stacks.Exclude[0] != "b" {
		t.Errorf("decoded %+v", c)
	}
}

// By default a stack that is checked once a day, or more seldom, is not stale
// before the next check.
func TestAStackIsStaleAfterThreeIntervals(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ given, interval, want time.Duration }{
		{0, 0, 24 * time.Hour},
		{0, 30 * time.Minute, 24 * time.Hour},
		{0, 24 * time.Hour, 72 * time.Hour},
		{time.Hour, 24 * time.Hour, time.Hour},
	} {
		c := config{StaleAfter: test.given}
		if c.applyDefaults(test.interval); c.StaleAfter != test.want {
			t.Errorf("stale_after is %s with %s given and an interval of %s, want %s", c.StaleAfter, test.given, test.interval, test.want)
		}
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	path := cty.StringVal("/stacks")
	source := cty.ObjectVal(map[string]cty.Value{"path": path, "commit": cty.StringVal("c")})
	stacks := func(glob string) cty.Value {
		return cty.ObjectVal(map[string]cty.Value{"include": listOf(glob), "exclude": cty.NullVal(cty.List(cty.String)), "require": cty.StringVal(requireAny)})
	}
	env := func(name string) cty.Value { return cty.MapVal(map[string]cty.Value{name: cty.StringVal("x")}) }
	for name, test := range map[string]struct {
		attrs map[string]cty.Value
		want  string // summary; empty: valid
		path  cty.Path
	}{
		"a path":                     {map[string]cty.Value{"path": path}, "", nil},
		"a source":                   {map[string]cty.Value{"source": source}, "", nil},
		"a source that isn't known":  {map[string]cty.Value{"source": cty.UnknownVal(sourceType)}, "", nil},
		"neither source nor path":    {nil, "Missing source", nil},
		"source and path":            {map[string]cty.Value{"source": source, "path": path}, "Conflicting sources", plugin.Attr("path")},
		"a command on PATH":          {map[string]cty.Value{"path": path, "binary": cty.StringVal("tofu-1.9")}, "", nil},
		"a command somewhere":        {map[string]cty.Value{"path": path, "binary": cty.StringVal("bin/terraform")}, "Relative path of a command", plugin.Attr("binary")},
		"a cloud credential":         {map[string]cty.Value{"path": path, "env": env("AWS_PROFILE")}, "", nil},
		"an input variable in env":   {map[string]cty.Value{"path": path, "env": env("TF_VAR_a")}, "Environment variable not allowed", plugin.Attr("env").IndexString("TF_VAR_a")},
		"the data directory in env":  {map[string]cty.Value{"path": path, "env": env("TF_DATA_DIR")}, "Environment variable not allowed", plugin.Attr("env").IndexString("TF_DATA_DIR")},
		"the mark of a run in env":   {map[string]cty.Value{"path": path, "env": env("DRIFTLESS_RUN")}, "Environment variable not allowed", plugin.Attr("env").IndexString("DRIFTLESS_RUN")},
		"variables by name":          {map[string]cty.Value{"path": path, "variables": cty.EmptyObjectVal}, "", nil},
		"variables without names":    {map[string]cty.Value{"path": path, "variables": cty.StringVal("x")}, "Invalid variables", nil},
		"no resource at a time":      {map[string]cty.Value{"path": path, "operations": cty.Zero}, "Invalid operations", plugin.Attr("operations")},
		"no stack at a time":         {map[string]cty.Value{"path": path, "parallelism": cty.Zero}, "Invalid parallelism", plugin.Attr("parallelism")},
		"a memory limit":             {map[string]cty.Value{"path": path, "max_memory": cty.StringVal("4GiB")}, "", nil},
		"memory without its unit":    {map[string]cty.Value{"path": path, "max_memory": cty.StringVal("6")}, "Invalid memory limit", plugin.Attr("max_memory")},
		"no memory at all":           {map[string]cty.Value{"path": path, "max_memory": cty.StringVal("0")}, "Invalid memory limit", plugin.Attr("max_memory")},
		"the limit of a group":       {map[string]cty.Value{"path": path, "concurrency": limits("aws", 1), "concurrency_group": cty.StringVal("aws")}, "", nil},
		"that of a group to come":    {map[string]cty.Value{"path": path, "concurrency": limits("aws", 1), "concurrency_group": cty.UnknownVal(cty.String)}, "", nil},
		"that of no group of a task": {map[string]cty.Value{"path": path, "concurrency": limits("aws", 1), "concurrency_group": cty.StringVal("gcp")}, "Unknown concurrency group", plugin.Attr("concurrency").IndexString("aws")},
		"a group without places":     {map[string]cty.Value{"path": path, "concurrency": limits("aws", 0), "concurrency_group": cty.StringVal("aws")}, "Invalid limit of a group", plugin.Attr("concurrency").IndexString("aws").GetAttr("limit")},
		"a glob":                     {map[string]cty.Value{"path": path, "stacks": stacks("envs/*")}, "", nil},
		"a glob that can't be read":  {map[string]cty.Value{"path": path, "stacks": stacks("envs/[")}, "Invalid glob", plugin.Attr("stacks").GetAttr("include").IndexInt(0)},
		"a resource of a module":     {map[string]cty.Value{"path": path, "ignore": ignoreValue(ignoreConfig{Address: `module.a["x.y"].module.b[0].aws_instance.c["]"]`, Reason: "r"})}, "", nil},
		"a type without a name":      {map[string]cty.Value{"path": path, "ignore": ignoreValue(ignoreConfig{Address: "aws_instance", Reason: "r"})}, "Invalid address", plugin.Attr("ignore").IndexInt(0).GetAttr("address")},
		"a module without resource":  {map[string]cty.Value{"path": path, "ignore": ignoreValue(ignoreConfig{Address: `module.web["a.b"]`, Reason: "r"})}, "Invalid address", plugin.Attr("ignore").IndexInt(0).GetAttr("address")},
		"an attribute as an address": {map[string]cty.Value{"path": path, "ignore": ignoreValue(ignoreConfig{Address: "aws_instance.web.tags", Reason: "r"})}, "Invalid address", plugin.Attr("ignore").IndexInt(0).GetAttr("address")},
		"a date":                     {map[string]cty.Value{"path": path, "ignore": ignoreValue(ignoreConfig{Address: "*", Reason: "r", Expires: "2027-01-31"})}, "", nil},
		"a date in another notation": {map[string]cty.Value{"path": path, "ignore": ignoreValue(ignoreConfig{Address: "*", Reason: "r", Expires: "31.1.2027"})}, "Invalid date", plugin.Attr("ignore").IndexInt(0).GetAttr("expires")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			diags := New().Validate(t.Context(), plugin.TypeRef{Kind: plugin.KindTask, Name: "terraform"}, configValue(t, test.attrs))
			if test.want == "" {
				if len(diags) > 0 {
					t.Fatalf("diagnostics %v", diags)
				}
				return
			}
			if len(diags) != 1 || diags[0].Summary != test.want || test.path != nil && !diags[0].Path.Equals(test.path) {
				t.Errorf("diagnostics %v, want %q", diags, test.want)
			}
		})
	}
}

func TestWithoutTheCommand(t *testing.T) {
	t.Parallel()
	empty := t.TempDir()
	write(t, filepath.Join(empty, "terraform"), "not executable")
	for name, test := range map[string]struct {
		binary cty.Value
		want   string
	}{
		"the usual names": {cty.NullVal(cty.String), "there is no terraform and no tofu in any directory of PATH (" + empty + ")"},
		"another name":    {cty.StringVal("tofu-1.9"), "there is no tofu-1.9 in any directory"},
		"a path":          {cty.StringVal(filepath.Join(empty, "terraform")), "can't be executed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			task := openTask(t, []string{"PATH=" + empty}, map[string]cty.Value{"path": cty.StringVal(empty), "binary": test.binary})
			_, diags := task.Plan(t.Context(), nil)
			if len(diags) != 1 || diags[0].Severity != plugin.SeverityError || !strings.Contains(diags[0].Detail, test.want) || !strings.Contains(diags[0].Detail, "binary") {
				t.Errorf("diagnostics %v, want %q", diags, test.want)
			}
		})
	}
}

// TestCodeDoesNotChooseTheCommand is about a path that is known only when the
// task is run: relative to each stack it would be that of a file in the code.
func TestCodeDoesNotChooseTheCommand(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"bin/terraform", "./terraform", "../terraform"} {
		if _, err := findBinary(name, nil); err == nil || !strings.Contains(err.Error(), name+" is a relative path") {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func TestDiscover(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for name, content := range map[string]string{
		"main.tf":                        "provider \"x\" {}\n",
		"envs/prod/web/main.tf":          "# a comment\nresource \"a\" \"b\" {\n}\n",
		"envs/prod/db/main.tofu":         "terraform {\n}\n",
		"envs/prod/json/main.tf.json":    `{"resource": {}}`,
		"envs/prod/broken/main.tf.json":  `{`,
		"envs/prod/values/main.tf.json":  `{"locals": {}}`,
		"envs/prod/notes/readme.md":      "resource \"a\" \"b\" {",
		"envs/prod/locals/main.tf":       "locals {\n  resource = { a = 1 }\n}\n",
		"envs/prod/web/.terraform/x.tf":  "terraform {}",
		"modules/vpc/main.tf":            "resource \"a\" \"b\" {}",
		"envs/staging/modules/x/main.tf": "resource \"a\" \"b\" {}",
		".git/x.tf":                      "terraform {}",
	} {
		write(t, filepath.Join(root, name), content)
	}
	for name, test := range map[string]struct {
		include, exclude, want []string
	}{
		"all but modules":   {[]string{"**"}, defaultExclude(), []string{".", "envs/prod/broken", "envs/prod/db", "envs/prod/json", "envs/prod/web"}},
		"one level":         {[]string{"envs/prod/*"}, []string{"**/broken"}, []string{"envs/prod/db", "envs/prod/json", "envs/prod/web"}},
		"the root alone":    {[]string{"."}, nil, []string{"."}},
		"nothing":           {[]string{"nowhere/**"}, nil, nil},
		"modules, if asked": {[]string{"modules/*"}, nil, []string{"modules/vpc"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := discover(root, selection{test.include, test.exclude, requireAny})
			if diff := cmp.Diff(test.want, got); diff != "" || err != nil {
				t.Errorf("error %v, stacks (-want +got):\n%s", err, diff)
			}
		})
	}
}

func TestNoStacksIsAnError(t *testing.T) {
	t.Parallel()
	bin, root := t.TempDir(), t.TempDir()
	write(t, filepath.Join(bin, "tofu"), "#!/bin/sh\n")
	if err := os.Chmod(filepath.Join(bin, "tofu"), 0o755); err != nil {
		t.Fatal(err)
	}
	_, diags := openTask(t, []string{"PATH=" + bin}, map[string]cty.Value{"path": cty.StringVal(root)}).Plan(t.Context(), nil)
	if len(diags) != 1 || diags[0].Summary != "No stacks found" || !strings.Contains(diags[0].Detail, root) {
		t.Errorf("diagnostics %v", diags)
	}
}
