package files

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// Limits of templates: of what is read, and of what comes out.
const (
	maxTemplate = 1 << 20
	maxRendered = maxText
)

func templateType() taskType {
	return taskType{name: "template", schema: templateSchema(), validate: validateTemplate, open: openTemplate}
}

func templateSchema() *schema.Block {
	return &schema.Block{
		Doc: "Keeps a file as a template renders it. A variable that the template names and vars doesn't have is an error.",
		Attributes: append(targetAttributes(schema.Owns),
			schema.Attribute{Name: "source", Type: cty.String, Required: true, Doc: "The file that holds the template."},
			schema.Attribute{Name: "vars", Type: cty.DynamicPseudoType, Doc: "An object with the variables of the template."},
			schema.Attribute{Name: "engine", Type: cty.String, Default: cty.StringVal(engineHCL), Enum: []string{engineHCL, engineJinja, engineGo},
				Doc: "The language of the template: `hcl` for `${}` and `%{}` with the functions of the configuration that need nothing but their arguments, `jinja` for Jinja2 with the filters and tests of Ansible, `go` for Go's text/template."},
			forceAttribute(),
			stateAttribute("`present`, or `absent` for no file at the path."),
		),
	}
}

// The languages of templates.
const (
	engineHCL   = "hcl"
	engineJinja = "jinja"
	engineGo    = "go"
)

func validateTemplate(cfg cty.Value) plugin.Diagnostics {
	diags := validateTarget(cfg)
	vars := cfg.GetAttr("vars")
	if vars.Type() == cty.DynamicPseudoType || vars.IsNull() {
		return diags // not known, or none
	}
	if t := vars.Type(); !t.IsObjectType() && !t.IsMapType() {
		diags = append(diags, plugin.Error(plugin.Attr("vars"), "Invalid variables", "The variables of a template are an object, as in { port = 80 }, and not %s.", t.FriendlyName())...)
	}
	return diags
}

// templateConfig is what a template declares beside its target.
type templateConfig struct {
	Source string    `schema:"source"`
	Vars   cty.Value `schema:"vars"`
	Engine string    `schema:"engine"`
	Force  bool      `schema:"force"`
	State  string    `schema:"state"`
}

func openTemplate(cfg cty.Value, env plugin.Env) (plugin.Task, error) {
	t, err := decodeTarget(cfg)
	if err != nil {
		return nil, err
	}
	var c templateConfig
	if err := schema.Decode(cfg, &c); err != nil {
		return nil, err
	}
	source, err := filepath.Abs(c.Source)
	if err != nil {
		return nil, err
	}
	want := func(ctx context.Context, host plugin.Host) (content, plugin.Diagnostics) {
		return renderTemplate(ctx, host, source, c.Engine, c.Vars)
	}
	return &wholeFile{cfg: cfg, env: env, target: t, force: c.Force, absent: c.State == absent, want: want}, nil
}

// renderTemplate reads and renders. The text stands for the variables, as
// they are what may be secret in it.
func renderTemplate(ctx context.Context, host plugin.Host, source, engine string, vars cty.Value) (content, plugin.Diagnostics) {
	rendered := content{managed: true, attribute: "vars"}
	path := resolve(host, source)
	file, diags := sourceFile(host, path)
	if diags.HasErrors() {
		return content{}, diags
	}
	if file.Unknown || !vars.IsWhollyKnown() {
		rendered.unknown = true
		return rendered, nil
	}
	if file.Size > maxTemplate {
		return content{}, plugin.Error(plugin.Attr("source"), "Template too large", "%s has %d bytes. A template may have %d.", path, file.Size, maxTemplate)
	}
	text, err := host.Content(path)
	if err == nil {
		rendered.bytes, err = render(ctx, host, path, text, engine, vars)
	}
	if errors.Is(err, plugin.ErrUnknown) {
		rendered.unknown = true
		return rendered, nil
	}
	if err != nil {
		if bad, ok := errors.AsType[*templateError](err); ok {
			return content{}, plugin.Error(plugin.Attr("source"), bad.summary, "%s.", bad)
		}
		return content{}, plugin.Error(plugin.Attr("source"), "Unreadable template", "%s.", sentence(err))
	}
	return rendered, nil
}

func render(ctx context.Context, host plugin.Host, path string, text []byte, engine string, vars cty.Value) ([]byte, error) {
	switch engine {
	case engineGo:
		return renderGo(path, text, vars)
	case engineJinja:
		return renderJinja(ctx, host, path, text, vars)
	}
	return renderHCL(path, text, vars)
}

// templateError is what is wrong in a template, and where.
type templateError struct {
	summary string
	path    string
	line    int // 0 where it isn't known
	column  int
	detail  string
}

func (e *templateError) Error() string {
	if e.line == 0 {
		return fmt.Sprintf("%s: %s", e.path, e.detail)
	}
	return fmt.Sprintf("%s, line %d, column %d: %s", e.path, e.line, e.column, e.detail)
}
