package command

import (
	"strings"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/schema"
)

var commandRef = plugin.TypeRef{Kind: plugin.KindTask, Name: "command"}

type config struct {
	Command     []string          `schema:"command"`
	Shell       *string           `schema:"shell"`
	Cwd         string            `schema:"cwd"`
	Env         map[string]string `schema:"env"`
	User        string            `schema:"user"`
	Group       string            `schema:"group"`
	Umask       *string           `schema:"umask"`
	Stdin       *string           `schema:"stdin"`
	Creates     string            `schema:"creates"`
	Removes     string            `schema:"removes"`
	Unless      []string          `schema:"unless"`
	OnlyIf      []string          `schema:"only_if"`
	ChangedWhen schema.Self       `schema:"changed_when"`
	FailedWhen  schema.Self       `schema:"failed_when"`
	MaxOutput   schema.Bytes      `schema:"max_output"`
}

func commandSchema() *schema.Block {
	argv := cty.List(cty.String)
	return &schema.Block{
		Doc: "Runs a program. Without a guard (creates, removes, unless, only_if) it runs at every apply. " +
			"The program's environment holds PATH, HOME and LANG, with a user also USER and LOGNAME, and what env adds.",
		Attributes: []schema.Attribute{
			{Name: "command", Type: argv, Doc: "The program and its arguments; no shell is involved."},
			{Name: "shell", Type: cty.String, Doc: "A script for /bin/sh -c, in place of command."},
			{Name: "cwd", Type: cty.String, Format: schema.AbsolutePath, Doc: "The working directory."},
			{Name: "env", Type: cty.Map(cty.String), Doc: "Variables of its environment."},
			{Name: "user", Type: cty.String, Doc: "The user it runs as, with that user's groups and home; a name or an id."},
			{Name: "group", Type: cty.String, Doc: "The group it runs as, in place of the user's own; a name or an id."},
			{Name: "umask", Type: cty.String, Format: schema.Mode, Doc: "The permission bits that new files don't get, such as \"0077\". Linux only."},
			{Name: "stdin", Type: cty.String, Doc: "What it reads from its standard input."},
			{Name: "creates", Type: cty.String, Format: schema.AbsolutePath, Doc: "It runs only while this path doesn't exist."},
			{Name: "removes", Type: cty.String, Format: schema.AbsolutePath, Doc: "It runs only while this path exists."},
			{Name: "unless", Type: argv, Doc: "It doesn't run when this command exits with 0. The command is run by plan too, and must change nothing."},
			{Name: "only_if", Type: argv, Doc: "It runs only when this command exits with 0. The command is run by plan too, and must change nothing."},
			{Name: "changed_when", Type: schema.SelfExpr, Doc: "Whether it changed something, over self.rc, self.stdout and self.stderr. By default a run is a change."},
			{Name: "failed_when", Type: schema.SelfExpr, Doc: "Whether it failed, over self.rc, self.stdout and self.stderr. By default self.rc != 0."},
			{Name: "max_output", Type: cty.String, Format: schema.Size, Default: cty.StringVal("1MiB"), Doc: "How much is kept of each of stdout and stderr: the beginning and the end."},
			{Name: "rc", Type: cty.Number, Computed: true, Doc: "The exit status, 128 and the signal's number when a signal ended it. Of a command that has nothing to do, that of its last run."},
			{Name: "stdout", Type: cty.String, Computed: true, Doc: "What it wrote to stdout, now or in its last run."},
			{Name: "stderr", Type: cty.String, Computed: true, Doc: "What it wrote to stderr, now or in its last run."},
			{Name: "changed", Type: cty.Bool, Computed: true, Doc: "Whether it was run and changed something."},
		},
	}
}

// validate checks what the schema can't say. Values may be unknown.
func validate(cfg cty.Value) plugin.Diagnostics {
	var diags plugin.Diagnostics
	command, shell := cfg.GetAttr("command"), cfg.GetAttr("shell")
	if command.IsKnown() && shell.IsKnown() && command.IsNull() == shell.IsNull() {
		diags = append(diags, plugin.Error(nil, "Exactly one of command and shell is needed",
			"Write either command, a list of a program and its arguments, or shell, a script for /bin/sh.")...)
	}
	for _, name := range []string{"command", "unless", "only_if"} {
		diags = append(diags, validateArgs(name, cfg.GetAttr(name))...)
	}
	for _, name := range []string{"shell", "user", "group"} {
		diags = append(diags, validateString(name, cfg.GetAttr(name))...)
	}
	return append(diags, validateEnv(cfg.GetAttr("env"))...)
}

func validateArgs(name string, args cty.Value) plugin.Diagnostics {
	if !args.IsKnown() || args.IsNull() {
		return nil
	}
	if args.LengthInt() == 0 {
		return plugin.Error(plugin.Attr(name), "Empty command", "The list %s needs at least the name of a program.", name)
	}
	for it := args.ElementIterator(); it.Next(); {
		key, arg := it.Element()
		path := plugin.Attr(name).Index(key)
		switch {
		case !arg.IsKnown():
		case arg.IsNull():
			return plugin.Error(path, "Null argument", "An argument can't be null. Leave it out, or write \"\".")
		case strings.ContainsRune(arg.AsString(), 0):
			return plugin.Error(path, "Invalid argument", "An argument can't hold a NUL character.")
		case key.RawEquals(cty.Zero) && arg.AsString() == "":
			return plugin.Error(path, "Empty command", "The first element of %s is the name of a program, and can't be empty.", name)
		}
	}
	return nil
}

func validateString(name string, v cty.Value) plugin.Diagnostics {
	if !v.IsKnown() || v.IsNull() {
		return nil
	}
	if text := v.AsString(); text == "" || strings.ContainsRune(text, 0) {
		return plugin.Error(plugin.Attr(name), "Invalid value", "The value of %s can't be empty or hold a NUL character. Leave it out to have none.", name)
	}
	return nil
}

func validateEnv(env cty.Value) plugin.Diagnostics {
	if !env.IsKnown() || env.IsNull() {
		return nil
	}
	for it := env.ElementIterator(); it.Next(); {
		key, value := it.Element()
		path := plugin.Attr("env").Index(key)
		if name := key.AsString(); name == "" || strings.ContainsAny(name, "=\x00") {
			return plugin.Error(path, "Invalid variable", "%q can't be the name of an environment variable.", name)
		}
		if !value.IsKnown() {
			continue
		}
		if value.IsNull() || strings.ContainsRune(value.AsString(), 0) {
			return plugin.Error(path, "Invalid variable", "The value of an environment variable can't be null or hold a NUL character.")
		}
	}
	return nil
}
