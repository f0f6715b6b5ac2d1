package view

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hcled"

	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/config/eval"
)

// Diagnostic is a problem in its outward form, which is Terraform's. The
// text for people is drawn from it too, so that the two can't differ.
type Diagnostic struct {
	Severity string   `json:"severity"`
	Summary  string   `json:"summary"`
	Detail   string   `json:"detail"`
	Address  string   `json:"address,omitempty"`
	Range    *Range   `json:"range,omitempty"`
	Snippet  *Snippet `json:"snippet,omitempty"`
}

// Range is a place in a file.
type Range struct {
	Filename string `json:"filename"`
	Start    Pos    `json:"start"`
	End      Pos    `json:"end"`
}

// Pos is a position; line and column count from 1, the byte from 0.
type Pos struct {
	Line   int `json:"line"`
	Column int `json:"column"`
	Byte   int `json:"byte"`
}

// Snippet is an excerpt of a file.
type Snippet struct {
	Context              string `json:"context,omitempty"` // the block that the place is in
	Code                 string `json:"code"`
	StartLine            int    `json:"start_line"`
	HighlightStartOffset int    `json:"highlight_start_offset"`
	HighlightEndOffset   int    `json:"highlight_end_offset"`
}

// codeMargin is what stands to the left of a line of code: the rule and the
// number of the line.
const codeMargin = 8

// maxCodeLine bounds how much of a long line is shown, in bytes.
const maxCodeLine = 200

// NewDiagnostic puts a diagnostic into its outward form.
func NewDiagnostic(d *hcl.Diagnostic, files map[string]*hcl.File) Diagnostic {
	out := Diagnostic{Severity: "error", Summary: d.Summary, Detail: d.Detail}
	if d.Severity == hcl.DiagWarning {
		out.Severity = "warning"
	}
	if origin, ok := d.Extra.(eval.Origin); ok {
		out.Address = origin.Addr.String()
	}
	if d.Subject == nil {
		return out
	}
	out.Range = &Range{d.Subject.Filename, pos(d.Subject.Start), pos(d.Subject.End)}
	if file := files[d.Subject.Filename]; file != nil {
		out.Snippet = newSnippet(file, *d.Subject)
	}
	return out
}

func pos(p hcl.Pos) Pos { return Pos{p.Line, p.Column, p.Byte} }

// newSnippet excerpts the line where the range begins.
func newSnippet(file *hcl.File, rng hcl.Range) *Snippet {
	at := min(rng.Start.Byte, len(file.Bytes))
	first := bytes.LastIndexByte(file.Bytes[:at], '\n') + 1
	line, _, _ := bytes.Cut(file.Bytes[first:], []byte("\n"))
	line = bytes.TrimSuffix(line, []byte("\r"))
	start := min(at-first, len(line))
	end := min(max(rng.End.Byte-first, start+1), len(line))
	code, start, end := shorten(line, start, end)
	return &Snippet{
		Context:              hcled.ContextString(file, rng.Start.Byte),
		Code:                 code,
		StartLine:            rng.Start.Line,
		HighlightStartOffset: start,
		HighlightEndOffset:   end,
	}
}

// shorten cuts a long line down to what lies around the highlight.
func shorten(line []byte, start, end int) (code string, newStart, newEnd int) {
	if len(line) <= maxCodeLine {
		return string(line), start, end
	}
	from := max(0, min(start-maxCodeLine/4, len(line)-maxCodeLine))
	to := min(from+maxCodeLine, len(line))
	for from > 0 && !utf8.RuneStart(line[from]) {
		from--
	}
	for to < len(line) && !utf8.RuneStart(line[to]) {
		to++
	}
	prefix, suffix := "", ""
	if from > 0 {
		prefix = "..."
	}
	if to < len(line) {
		suffix = "..."
	}
	shift := len(prefix) - from
	return prefix + string(line[from:to]) + suffix, start + shift, min(end, to) + shift
}

// sortDiags puts errors first, and else keeps to the order of the files.
func sortDiags(diags hcl.Diagnostics) hcl.Diagnostics {
	return slices.SortedStableFunc(slices.Values(diags), func(a, b *hcl.Diagnostic) int {
		switch {
		case a.Severity != b.Severity:
			return cmp.Compare(a.Severity, b.Severity) // an error is the smaller
		case a.Subject == nil || b.Subject == nil:
			return cmp.Compare(btoi(a.Subject == nil), btoi(b.Subject == nil))
		}
		return cmp.Or(cmp.Compare(a.Subject.Filename, b.Subject.Filename), cmp.Compare(a.Subject.Start.Byte, b.Subject.Start.Byte))
	})
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Diagnostics shows problems, errors first and else in the order of the files.
func (v *View) Diagnostics(diags hcl.Diagnostics) {
	stream := v.json && (!v.oneDocument || diags.HasErrors())
	for _, d := range sortDiags(diags) {
		out := NewDiagnostic(d, v.files)
		if stream {
			v.message(level(out), "diagnostic", levelWord(out)+": "+out.Summary, message{"diagnostic": out})
			continue
		}
		text := v.Hidden.String(v.diagnosticText(out))
		v.mu.Lock()
		fmt.Fprint(v.Err, text)
		v.mu.Unlock()
	}
}

func level(d Diagnostic) string {
	if d.Severity == "warning" {
		return "warn"
	}
	return "error"
}

func levelWord(d Diagnostic) string {
	if d.Severity == "warning" {
		return "Warning"
	}
	return "Error"
}

// diagnosticText draws a diagnostic with a rule at its left, which keeps the
// parts of one together.
func (v *View) diagnosticText(d Diagnostic) string {
	code := red
	if d.Severity == "warning" {
		code = yellow
	}
	var body strings.Builder
	title := strings.TrimPrefix(v.err.hang(levelWord(d)+": "+visible(d.Summary), 2), levelWord(d)+": ")
	fmt.Fprintf(&body, "%s%s\n", v.err.paint(bold+";"+code, levelWord(d)+": "), v.err.paint(bold, title))
	writePlace(&body, v.err, d)
	if d.Detail != "" {
		fmt.Fprintf(&body, "\n%s\n", v.err.wrap(visibleLines(d.Detail), 2))
	}
	var out strings.Builder
	rule := v.err.paint(code, "│")
	out.WriteString(v.err.paint(code, "╷") + "\n")
	for line := range strings.Lines(body.String()) {
		out.WriteString(strings.TrimRight(rule+" "+strings.TrimRight(line, "\n"), " ") + "\n")
	}
	out.WriteString(v.err.paint(code, "╵") + "\n")
	return out.String()
}

func writePlace(body *strings.Builder, s style, d Diagnostic) {
	switch {
	case d.Range == nil && d.Address == "":
		return
	case d.Range == nil:
		fmt.Fprintf(body, "\n  with %s\n", d.Address)
		return
	case d.Snippet == nil && d.Range.End == d.Range.Start: // the file as a whole
		fmt.Fprintf(body, "\n  on %s\n", visible(d.Range.Filename))
		return
	}
	where := fmt.Sprintf("on %s line %d, column %d", visible(d.Range.Filename), d.Range.Start.Line, d.Range.Start.Column)
	if d.Snippet == nil { // of a file that was read while an expression was evaluated, or of one that may hold secrets
		fmt.Fprintf(body, "\n  %s\n", s.hang(where, 6))
		return
	}
	if context := d.context(); context != "" {
		where += ", in " + visible(context)
	}
	fmt.Fprintf(body, "\n  %s\n", s.hang(where+":", 6))
	c := d.Snippet
	before, marked, after := c.Code[:c.HighlightStartOffset], c.Code[c.HighlightStartOffset:c.HighlightEndOffset], c.Code[c.HighlightEndOffset:]
	before, marked, after = s.excerpt(visible(before), visible(marked), visible(after), codeMargin)
	fmt.Fprintf(body, "%4d: %s%s%s\n", c.StartLine, before, s.paint("4", marked), after)
}

// context names the block that the range is in, or the instance of it that the
// diagnostic is about, where the file doesn't say which.
func (d Diagnostic) context() string {
	a, err := addr.Parse(d.Address)
	if err == nil && (a.Key.IsSet() || !a.Module.IsRoot()) {
		return d.Address
	}
	return d.Snippet.Context
}

func visibleLines(text string) string {
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = visible(lines[i])
	}
	return strings.Join(lines, "\n")
}

// Error shows a problem that is not of the configuration.
func (v *View) Error(err error) {
	v.Diagnostics(hcl.Diagnostics{{Severity: hcl.DiagError, Summary: "Command failed", Detail: sentence(err.Error())}})
}

// UsageError shows a mistake in the command line.
func (v *View) UsageError(err error) {
	v.Diagnostics(hcl.Diagnostics{{Severity: hcl.DiagError, Summary: "Invalid command line", Detail: err.Error()}})
}

// sentence makes a sentence of an error. A path, an option or a name that it
// begins with stays as it is.
func sentence(s string) string {
	if s == "" {
		return s
	}
	if first, _, _ := strings.Cut(s, " "); !strings.ContainsAny(first, "./_-=") {
		s = strings.ToUpper(s[:1]) + s[1:]
	}
	if strings.HasSuffix(s, ".") || strings.HasSuffix(s, "?") || strings.HasSuffix(s, "\n") {
		return s
	}
	return s + "."
}

// Validation shows the outcome of validate; its JSON form is one document.
func (v *View) Validation(diags hcl.Diagnostics, blocks int) {
	if !v.json {
		v.Diagnostics(diags)
		if !diags.HasErrors() {
			v.Print("%s\n", v.out.paint(green, fmt.Sprintf("The configuration is valid: %s.", count(blocks, "block"))))
		}
		return
	}
	doc := struct {
		FormatVersion string       `json:"format_version"`
		Valid         bool         `json:"valid"`
		ErrorCount    int          `json:"error_count"`
		WarningCount  int          `json:"warning_count"`
		Diagnostics   []Diagnostic `json:"diagnostics"`
	}{FormatVersion: FormatVersion, Valid: !diags.HasErrors(), Diagnostics: []Diagnostic{}}
	for _, d := range sortDiags(diags) {
		out := NewDiagnostic(d, v.files)
		if out.Severity == "warning" {
			doc.WarningCount++
		} else {
			doc.ErrorCount++
		}
		doc.Diagnostics = append(doc.Diagnostics, out)
	}
	v.document(doc)
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
