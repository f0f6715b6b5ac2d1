package view

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/internal/console"
	"github.com/driftless-hq/driftless/internal/plan"
)

// Value shows what an expression has come to, or what is wrong with it. Its
// JSON form is one line, whatever came of the expression.
func (v *View) Value(value cty.Value, diags hcl.Diagnostics) {
	if v.json {
		v.valueJSON(value, diags)
		return
	}
	v.Diagnostics(diags)
	if !diags.HasErrors() {
		v.Print("%s\n", valueText(v.out, value))
	}
}

func (v *View) valueJSON(value cty.Value, diags hcl.Diagnostics) {
	doc := struct {
		FormatVersion string       `json:"format_version"`
		Valid         bool         `json:"valid"`
		Type          string       `json:"type,omitempty"`
		Known         bool         `json:"known"`
		Value         any          `json:"value"`
		Diagnostics   []Diagnostic `json:"diagnostics"`
	}{FormatVersion: FormatVersion, Valid: !diags.HasErrors(), Diagnostics: []Diagnostic{}}
	for _, d := range sortDiags(diags) {
		doc.Diagnostics = append(doc.Diagnostics, NewDiagnostic(d, v.files))
	}
	if t, ok := console.TypeIn(value); ok {
		doc.Type, doc.Known, doc.Value = "type", true, typeText(t, 0)
	} else if doc.Valid {
		doc.Type, doc.Known, doc.Value = value.Type().FriendlyName(), value.IsWhollyKnown(), plan.Outward(value)
	}
	v.document(doc)
}

// ConsoleHelp explains the console to whoever asks in it.
func (v *View) ConsoleHelp() {
	v.Print(`Type an expression to see its value:

  var.NAME, local.NAME, path.config    what the configuration declares
  fact.os.id, fact.memory.total        what is known of this host
  task.file.NAME.path                  a block, as far as its configuration tells;
                                       all that a plan tells with console -plan
  upper("x"), cidrhost("10.0.0.0/8", 1), [for x in local.xs : x]
  type(x)                              the type of a value

More lines may follow while brackets are open. Ctrl-C clears what is typed,
Ctrl-D or exit ends. All names and functions: driftless schema show
`)
}
