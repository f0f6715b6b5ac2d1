package command

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/urfave/cli/v3"

	"github.com/driftless-hq/driftless/config"
	"github.com/driftless-hq/driftless/config/eval"
)

const variablePrefix = "DRIFTLESS_VAR_"

// setting is one use of -var or of -var-file.
type setting struct {
	text   string
	isFile bool
}

// variableFlags are the flags that give variables their values. They keep
// their common order, as the later one counts.
func variableFlags() []cli.Flag {
	all := new([]setting)
	return []cli.Flag{
		&settingFlag{Name: "var", Usage: "set a variable, as in `NAME=VALUE`; may be repeated", Config: settingConfig{all: all}},
		&settingFlag{Name: "var-file", Usage: "set the variables that a `FILE` gives values to; may be repeated", Config: settingConfig{all: all, isFile: true}},
	}
}

// settings returns the uses of the flags in their order on the command line.
func (e env) settings() []setting {
	if f, ok := flagNamed(e.flags, "var"); ok {
		if variable, ok := f.(*settingFlag); ok {
			return *variable.Config.all
		}
	}
	return nil
}

// settingFlag is a repeatable flag that notes its place among others.
type settingFlag = cli.FlagBase[[]string, settingConfig, settingTexts]

type settingConfig struct {
	all    *[]setting // of all flags of the command
	isFile bool
}

type settingTexts struct {
	settingConfig
	texts *[]string
}

// Create implements [cli.ValueCreator].
func (settingTexts) Create(start []string, texts *[]string, c settingConfig) cli.Value {
	*texts = start
	return &settingTexts{c, texts}
}

// ToString implements [cli.ValueCreator].
func (settingTexts) ToString(texts []string) string { return strings.Join(texts, " ") }

// Set implements [cli.Value].
func (s *settingTexts) Set(text string) error {
	*s.texts = append(*s.texts, text)
	*s.all = append(*s.all, setting{text, s.isFile})
	return nil
}

// Get implements [cli.Value].
func (s *settingTexts) Get() any { return *s.texts }

// String implements [cli.Value].
func (s *settingTexts) String() string {
	if s.texts == nil {
		return ""
	}
	return s.ToString(*s.texts)
}

var (
	_ cli.ValueCreator[[]string, settingConfig] = settingTexts{}
	_ cli.Value                                 = (*settingTexts)(nil)
)

// savedVariables are those of a saved plan.
type savedVariables struct {
	given map[string]eval.Given
	files []string // that were given with -var-file
}

// givenVariables are the values given to the variables of a configuration.
type givenVariables struct {
	given map[string]eval.Given
	files []config.VariableFile // that -var-file names, now or in a saved plan
	diags hcl.Diagnostics
}

// variables collects the values for a configuration. The later counts of: the
// environment, the configuration's own files, the command line.
func (e env) variables(cfg *config.Config) givenVariables {
	v := givenVariables{given: fromEnvironment(os.Environ())}
	for _, f := range cfg.VariableFiles {
		assign(v.given, f)
	}
	for _, path := range e.saved.files {
		v.load(v.given, path)
	}
	flagged := make(map[string]eval.Given)
	for _, s := range e.settings() {
		if s.isFile {
			v.load(flagged, s.text)
		} else {
			v.set(flagged, s.text)
		}
	}
	v.keep(cfg, e.saved.given, flagged)
	return v
}

func fromEnvironment(environ []string) map[string]eval.Given {
	given := make(map[string]eval.Given)
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		if variable, ok := strings.CutPrefix(name, variablePrefix); ok {
			given[variable] = eval.Given{Text: value, Origin: "the environment variable " + name, Optional: true}
		}
	}
	return given
}

func assign(given map[string]eval.Given, f config.VariableFile) {
	for _, a := range f.Assignments {
		given[a.Name] = eval.Given{Value: a.Value, Range: &a.Range, Origin: f.Path}
	}
}

func (v *givenVariables) load(given map[string]eval.Given, path string) {
	f, diags := config.LoadVariables(path)
	v.diags = append(v.diags, diags...)
	v.files = append(v.files, f)
	assign(given, f)
}

func (v *givenVariables) set(given map[string]eval.Given, text string) {
	name, value, found := strings.Cut(text, "=")
	if !found || name == "" {
		v.report("Invalid command line", "-var %s doesn't name a variable and its value; write it as -var NAME=VALUE.", name)
		return
	}
	given[name] = eval.Given{Text: value, Origin: "-var " + name}
}

func (v *givenVariables) report(summary, format string, args ...any) {
	v.diags = append(v.diags, &hcl.Diagnostic{Severity: hcl.DiagError, Summary: summary, Detail: fmt.Sprintf(format, args...)})
}

// keep adds what the command line gives. What a saved plan holds can't be set
// anew: another value would make another plan.
func (v *givenVariables) keep(cfg *config.Config, saved, flagged map[string]eval.Given) {
	for _, name := range slices.Sorted(maps.Keys(flagged)) {
		was, isSaved := saved[name]
		if declared := cfg.Variables[name]; isSaved && declared != nil && !sameValue(declared, was, flagged[name]) {
			v.report("Variable of a saved plan", "%s gives the variable %s another value than the one that the plan was made with. Leave it out, or plan again with it.", flagged[name].Origin, name)
		}
	}
	maps.Copy(v.given, flagged)
	maps.Copy(v.given, saved)
}

func sameValue(v *config.Variable, a, b eval.Given) bool {
	x, errA := a.ValueFor(v)
	y, errB := b.ValueFor(v)
	return errA == nil && errB == nil && x.RawEquals(y)
}
