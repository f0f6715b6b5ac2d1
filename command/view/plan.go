package view

import (
	"fmt"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/internal/diff"
	"github.com/driftless-hq/driftless/internal/plan"
	"github.com/driftless-hq/driftless/internal/version"
	"github.com/driftless-hq/driftless/plugin"
)

// FormatVersion is the version of the JSON output.
const FormatVersion = "1.0"

// maxTextLines bounds the diff that is shown of one file.
const maxTextLines = 200

// Begin writes the first line of a JSON stream.
func (v *View) Begin() {
	if v.json {
		v.begun.Do(func() {
			v.record("info", "version", "driftless "+version.Number, message{"driftless": version.Number, "ui": FormatVersion})
		})
	}
}

var symbols = map[plugin.Action]struct{ sign, code, verb string }{
	plugin.Create:  {"+", green, "create"},
	plugin.Update:  {"~", yellow, "change"},
	plugin.Replace: {"±", yellow, "replace"},
	plugin.Delete:  {"-", red, "delete"},
	plugin.Run:     {"!", cyan, "run"},
	plugin.Forget:  {".", yellow, "forget"},
}

// Plan shows what would be done.
func (v *View) Plan(p *plan.Plan) {
	if v.json {
		v.planJSON(p)
		return
	}
	var b strings.Builder
	for _, s := range p.Steps {
		if s.Changes() || s.State == plan.Skipped {
			if b.Len() > 0 {
				b.WriteString("\n")
			}
			v.writeStep(&b, s.Record())
		}
	}
	v.writeOutputs(&b, p.Outputs)
	sum := p.Summary()
	if b.Len() > 0 {
		b.WriteString("\n")
	}
	b.WriteString(v.out.paint(bold, v.out.wrap(planLine(sum), 0)) + "\n")
	if part := partLine(p); part != "" {
		b.WriteString(v.out.wrap(part, 0) + "\n")
	}
	v.Print("%s", b.String())
}

func planLine(sum plan.Summary) string {
	unchanged := fmt.Sprintf("%d unchanged", sum.NoOp)
	trouble := ""
	if sum.Failed > 0 {
		trouble += fmt.Sprintf(" %d could not be planned.", sum.Failed)
	}
	if sum.Skipped > 0 {
		trouble += fmt.Sprintf(" %d left out because of that.", sum.Skipped)
	}
	if !sum.HasChanges() {
		if sum.Failed+sum.Skipped > 0 {
			return "Plan: nothing to do, " + unchanged + "." + trouble
		}
		return "No changes. Everything is as declared: " + count(sum.NoOp, "task") + "."
	}
	var parts []string
	for _, p := range []struct {
		n    int
		word string
	}{
		{sum.Create, "to create"}, {sum.Update, "to change"}, {sum.Replace, "to replace"},
		{sum.Delete, "to delete"}, {sum.Run, "to run"}, {sum.Drift, "not as declared (only reported)"},
	} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", p.n, p.word))
		}
	}
	return "Plan: " + strings.Join(append(parts, unchanged), ", ") + "." + trouble
}

// writeStep writes one step: a line that names it, and below what changes.
func (v *View) writeStep(b *strings.Builder, r plan.Record) {
	if r.State == plan.Skipped {
		reason := "left out: " + r.Cause.String() + " could not be planned"
		if *r.Cause == r.Address {
			reason = "left out: the run was stopped"
		}
		b.WriteString(v.out.line([]piece{{"  ", "×", dim}, {" ", r.Address.String(), ""}, {"  ", reason, dim}}, 6) + "\n")
		return
	}
	b.WriteString(v.out.line(heading(r), 6) + "\n")
	v.writeAttributes(b, r)
	v.writeText(b, r)
	v.writeFindings(b, r)
	for _, w := range r.Warnings {
		fmt.Fprintf(b, "      %s %s\n", v.out.paint(yellow, "Warning:"), v.out.hang(visible(w), 15))
	}
}

// heading is what stands above the changes of a step.
func heading(r plan.Record) []piece {
	symbol := symbols[r.Action]
	if r.DetectOnly {
		symbol.sign, symbol.code = "≠", yellow
	}
	pieces := []piece{{"  ", symbol.sign, symbol.code}, {" ", r.Address.String(), bold}}
	for _, a := range r.With {
		pieces = append(pieces, piece{" ", "+ " + a.String(), bold})
	}
	if path := pathOf(r); path != "" {
		pieces = append(pieces, piece{"  ", visible(path), ""})
	}
	if note := noteOf(r); note != "" {
		pieces = append(pieces, piece{"  ", note, dim})
	}
	return pieces
}

func pathOf(r plan.Record) string {
	if after, ok := r.After.(map[string]any); ok {
		path, _ := after["path"].(string)
		return path
	}
	return ""
}

// noteOf says how sure the step is, unless it is exact.
func noteOf(r plan.Record) string {
	var notes []string
	if r.DetectOnly {
		notes = append(notes, "only reported")
	}
	notes = append(notes, r.TriggeredBy...)
	switch {
	case len(r.Awaits) > 0:
		notes = append(notes, "if "+anyOf(r.Awaits)+" changes something")
	case r.Conditional:
		notes = append(notes, "depending on what comes before it")
	}
	if r.Unjudged {
		notes = append(notes, "with conditions that are judged in apply")
	}
	if r.Fidelity != plugin.Exact && r.Fidelity != "" {
		notes = append(notes, string(r.Fidelity))
	}
	if len(notes) == 0 {
		return ""
	}
	return "(" + strings.Join(notes, ", ") + ")"
}

func anyOf(tasks []addr.Addr) string {
	var names []string
	for _, a := range tasks {
		names = append(names, a.String())
	}
	return strings.Join(names, " or ")
}

// writeAttributes lists what changes. What only Apply can tell comes last, in
// one line.
func (v *View) writeAttributes(b *strings.Builder, r plan.Record) {
	shown, unknown := worthShowing(r)
	width := 0
	for _, a := range shown {
		width = max(width, len(a.Name))
	}
	for _, a := range shown {
		before, after := visible(a.Before), visible(a.After)
		switch {
		case a.Before == "":
			fmt.Fprintf(b, "      %-*s = %s\n", width, a.Name, v.out.paint(green, after))
		case a.After == "":
			fmt.Fprintf(b, "      %-*s = %s -> null\n", width, a.Name, v.out.paint(red, before))
		default:
			name := fmt.Sprintf("%-*s =", width, a.Name)
			b.WriteString(v.out.line([]piece{{"      ", name, ""}, {" ", before, red}, {" ", "-> " + after, green}}, 8) + "\n")
		}
	}
	if len(unknown) > 0 {
		fmt.Fprintf(b, "      %s\n", v.out.paint(dim, v.out.hang("known after apply: "+strings.Join(unknown, ", "), 6)))
	}
}

// worthShowing leaves out what a reader knows without being told: the path,
// which is in the line above, what is empty or off in something new, that a run
// is a change, and what merely follows from the text or the findings that are
// shown below.
func worthShowing(r plan.Record) (shown []plan.AttributeDiff, unknown []string) {
	for _, a := range r.Attributes {
		isNew := r.Before == nil
		switch {
		case isNew && a.Name == "path":
		case isNew && (a.After == "false" || a.After == "[]" || a.After == "{}" || a.After == `"present"`):
		case r.Action == plugin.Run && a.Learnt && a.After != knownAfterApply:
		case a.Learnt && (len(r.Hunks) > 0 || r.TextNote != "" || len(r.Findings) > 0):
		case a.Before == "" && a.After == knownAfterApply:
			unknown = append(unknown, a.Name)
		default:
			shown = append(shown, a)
		}
	}
	return shown, unknown
}

// knownAfterApply is how an unknown value is written.
var knownAfterApply = plan.Text(cty.DynamicVal)

func (v *View) writeText(b *strings.Builder, r plan.Record) {
	if r.TextNote != "" {
		fmt.Fprintf(b, "      %s\n", v.out.paint(dim, visibleLines(strings.TrimRight(r.TextNote, "\n"))))
	}
	lines := 0
	for _, h := range r.Hunks {
		if r.Before != nil {
			fmt.Fprintf(b, "      %s\n", v.out.paint(dim, fmt.Sprintf("@@ line %d @@", max(h.FromLine, 1))))
		}
		for _, line := range h.Lines {
			if lines++; lines > maxTextLines {
				fmt.Fprintf(b, "      %s\n", v.out.paint(dim, "... the rest of the diff is in -json"))
				return
			}
			v.writeLine(b, line)
		}
	}
}

func (v *View) writeLine(b *strings.Builder, line diff.Line) {
	text := visible(strings.TrimRight(string(line.Text), "\n"))
	switch line.Op {
	case diff.Insert:
		fmt.Fprintf(b, "      %s\n", v.out.paint(green, "+ "+text))
	case diff.Delete:
		fmt.Fprintf(b, "      %s\n", v.out.paint(red, "- "+text))
	default:
		fmt.Fprintf(b, "        %s\n", text)
	}
}

func (v *View) writeFindings(b *strings.Builder, r plan.Record) {
	for _, f := range r.Findings {
		if f.Verdict == "clean" {
			continue
		}
		fmt.Fprintf(b, "      %s: %s  %s\n", visible(f.Name), v.out.paint(yellow, f.Verdict), visible(f.Summary))
		v.writeEntries(b, f.Resources)
	}
}

func (v *View) writeEntries(b *strings.Builder, entries []plan.EntryRecord) {
	for _, e := range entries {
		fmt.Fprintf(b, "        %s %s  %s\n", symbols[e.Action].sign, visible(e.Name), v.out.paint(dim, e.Class))
		for _, a := range e.Attributes {
			fmt.Fprintf(b, "            %s = %s\n", visible(a.Path), v.differs(a))
		}
	}
}

// differs shows both sides of an attribute, or the one that there is.
func (v *View) differs(a plan.DifferRecord) string {
	before, after := v.out.paint(red, visible(a.Before)), v.out.paint(green, visible(a.After))
	switch {
	case a.Before == "":
		return after
	case a.After == "":
		return before
	}
	return before + " -> " + after
}

func (v *View) writeOutputs(b *strings.Builder, outputs map[string]cty.Value) {
	names := sortedNames(outputs)
	if len(names) == 0 {
		return
	}
	b.WriteString("\nOutputs:\n")
	for _, name := range names {
		fmt.Fprintf(b, "  %s = %s\n", name, visible(plan.Text(outputs[name])))
	}
}

func (v *View) planJSON(p *plan.Plan) {
	for _, s := range p.Steps {
		r := s.Record()
		kind, text := "planned_change", fmt.Sprintf("%s: plan to %s", r.Address, symbols[r.Action].verb)
		switch {
		case r.State == plan.Skipped:
			text = fmt.Sprintf("%s: left out", r.Address)
		case r.State == plan.Failed:
			text = fmt.Sprintf("%s: could not be planned", r.Address)
		case !s.Changes():
			text = fmt.Sprintf("%s: unchanged", r.Address)
		case r.DetectOnly:
			kind, text = "drift", fmt.Sprintf("%s: not as declared", r.Address)
		}
		v.message("info", kind, text, message{"change": r})
	}
	sum := p.Summary()
	v.message("info", "change_summary", planLine(sum), summaryOf(p, changesOf(sum, "plan")))
	v.outputsJSON(p.Outputs)
}

func changesOf(sum plan.Summary, operation string) message {
	return message{
		"add": sum.Create, "change": sum.Update, "replace": sum.Replace, "remove": sum.Delete, "run": sum.Run,
		"drift": sum.Drift, "no_op": sum.NoOp, "failed": sum.Failed, "skipped": sum.Skipped, "operation": operation,
	}
}

func (v *View) outputsJSON(outputs map[string]cty.Value) {
	values := message{}
	for name, value := range outputs {
		values[name] = plan.Outward(value)
	}
	v.message("info", "outputs", "Outputs: "+fmt.Sprint(len(outputs)), message{"outputs": values})
}
