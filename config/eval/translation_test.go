package eval_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// translation writes a native file in another syntax: one line for each
// argument and each header of a block, so that lines can be compared.
type translation struct {
	src    []byte
	syntax string
	out    []string
	lines  map[int]int // of the native file to that of the translation
}

func newTranslation(src []byte, syntax string) *translation {
	return &translation{src: src, syntax: syntax, lines: make(map[int]int)}
}

func (w *translation) text() string { return strings.Join(w.out, "\n") + "\n" }

// line writes a line that stands for some of the native file.
func (w *translation) line(text string, from hcl.Range) {
	w.out = append(w.out, text)
	for i := from.Start.Line; i <= from.End.Line; i++ {
		if w.lines[i] == 0 {
			w.lines[i] = len(w.out)
		}
	}
}

// file writes a list of the items of a file, each by itself: the order stays,
// and so does what is declared twice.
func (w *translation) file(body *hclsyntax.Body) {
	if w.syntax == "toml" {
		w.tables(body)
		return
	}
	dash, end := "- ", ""
	if w.syntax == "json" {
		w.out = append(w.out, "[")
		dash, end = "", ","
	}
	for _, a := range attributesOf(body) {
		w.line(dash+"{"+w.pair(a)+"}"+end, a.SrcRange)
	}
	for _, b := range body.Blocks {
		header := quote(b.Type) + ": {"
		for _, label := range b.Labels {
			header += quote(label) + ": {"
		}
		w.line(dash+"{"+header, b.DefRange())
		w.members(b.Body)
		w.line(strings.Repeat("}", len(b.Labels)+2)+end, b.CloseBraceRange)
	}
	if w.syntax == "json" {
		w.out = append(w.out, "{}]")
	}
	if len(w.out) == 0 {
		w.out = append(w.out, "{}")
	}
	w.indent()
}

// indent puts the lines of an item of YAML below its dash.
func (w *translation) indent() {
	for i, line := range w.out {
		if w.syntax == "yaml" && !strings.HasPrefix(line, "- ") && line != "{}" {
			w.out[i] = "  " + line
		}
	}
}

// members writes the arguments of a block, and its nested blocks: those of one
// type are a list.
func (w *translation) members(body *hclsyntax.Body) {
	more := len(attributesOf(body)) + len(body.Blocks)
	comma := func() string {
		if more--; more > 0 {
			return ","
		}
		return ""
	}
	for _, a := range attributesOf(body) {
		w.line("  "+w.pair(a)+comma(), a.SrcRange)
	}
	for _, group := range grouped(body.Blocks) {
		more -= len(group) - 1
		header := quote(group[0].Type) + ": ["
		for i, b := range group {
			for _, label := range b.Labels {
				header += "{" + quote(label) + ": "
			}
			w.line("  "+header+"{", b.DefRange())
			w.members(b.Body)
			header = ""
			end := "}" + strings.Repeat("}", len(b.Labels)) + ","
			if i == len(group)-1 {
				end = strings.TrimSuffix(end, ",") + "]" + comma()
			}
			w.line("  "+end, b.CloseBraceRange)
		}
	}
}

// grouped puts the blocks of one type together.
func grouped(blocks hclsyntax.Blocks) [][]*hclsyntax.Block {
	var groups [][]*hclsyntax.Block
	for _, b := range blocks {
		at := slices.IndexFunc(groups, func(g []*hclsyntax.Block) bool {
			return g[0].Type == b.Type
		})
		if at < 0 {
			groups = append(groups, nil)
			at = len(groups) - 1
		}
		groups[at] = append(groups[at], b)
	}
	return groups
}

// tables writes the items of a file as tables of TOML. Nested blocks are in
// one line.
func (w *translation) tables(body *hclsyntax.Body) {
	for _, a := range attributesOf(body) {
		w.line(w.pair(a), a.SrcRange)
	}
	for _, b := range body.Blocks {
		header := quote(b.Type)
		for _, label := range b.Labels {
			header += "." + quote(label)
		}
		w.line("[["+header+"]]", b.DefRange())
		for _, a := range attributesOf(b.Body) {
			w.line(w.pair(a), a.SrcRange)
		}
		for _, group := range grouped(b.Body.Blocks) {
			inner := &translation{src: w.src, syntax: "inline", lines: map[int]int{}}
			inner.members(&hclsyntax.Body{Blocks: group})
			w.line(strings.Join(strings.Fields(inner.toml()), " "), hcl.RangeBetween(group[0].Range(), group[len(group)-1].Range()))
		}
	}
}

// toml makes a line of TOML of lines of JSON.
func (w *translation) toml() string {
	text := strings.Join(w.out, " ")
	return strings.ReplaceAll(text, `": `, `" = `)
}

func attributesOf(body *hclsyntax.Body) []*hclsyntax.Attribute {
	var out []*hclsyntax.Attribute
	for _, a := range body.Attributes {
		out = append(out, a)
	}
	slices.SortFunc(out, func(a, b *hclsyntax.Attribute) int { return a.SrcRange.Start.Byte - b.SrcRange.Start.Byte })
	return out
}

// pair writes an argument.
func (w *translation) pair(a *hclsyntax.Attribute) string {
	separator := ": "
	if w.syntax == "toml" {
		separator = " = "
	}
	return quote(a.Name) + separator + w.value(a)
}

// value writes what an argument is set to. Addresses and types are written as
// text, and whatever isn't a constant as a template.
func (w *translation) value(a *hclsyntax.Attribute) string {
	text := string(a.Expr.Range().SliceBytes(w.src))
	switch a.Name {
	case "type", "iterator":
		return quote(text)
	case "depends_on", "triggered_by", "from", "to":
		list, ok := a.Expr.(*hclsyntax.TupleConsExpr)
		if !ok {
			break
		}
		var items []string
		for _, item := range list.Exprs {
			items = append(items, quote(string(item.Range().SliceBytes(w.src))))
		}
		return "[" + strings.Join(items, ", ") + "]"
	}
	return w.expression(a.Expr)
}

// expression writes an expression: an object or a list as such.
func (w *translation) expression(expr hclsyntax.Expression) string {
	var parts []string
	switch e := expr.(type) {
	case *hclsyntax.TupleConsExpr:
		for _, item := range e.Exprs {
			parts = append(parts, w.expression(item))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case *hclsyntax.ObjectConsExpr:
		for _, item := range e.Items {
			key := hcl.ExprAsKeyword(item.KeyExpr)
			if v, diags := item.KeyExpr.Value(nil); key == "" && !diags.HasErrors() && isPlain(v) && v.Type() == cty.String {
				key = v.AsString()
			}
			if key == "" {
				return w.template(expr)
			}
			separator := ": "
			if w.syntax == "toml" {
				separator = " = "
			}
			parts = append(parts, quote(key)+separator+w.expression(item.ValueExpr))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	if v, diags := expr.Value(nil); !diags.HasErrors() && isPlain(v) {
		if v.Type() == cty.String {
			return quote(v.AsString())
		}
		return convertToText(v)
	}
	return w.template(expr)
}

// template writes an expression as a template. A heredoc ends with its line.
func (w *translation) template(expr hclsyntax.Expression) string {
	return quote("${" + string(expr.Range().SliceBytes(w.src)) + "\n}")
}

func convertToText(v cty.Value) string {
	if v.Type() == cty.Bool {
		return fmt.Sprint(v.True())
	}
	return v.AsBigFloat().Text('f', 0)
}

// isPlain reports whether a value is written the same in all syntaxes.
func isPlain(v cty.Value) bool {
	switch {
	case v.IsNull() || !v.IsKnown():
		return false
	case v.Type() == cty.String:
		return !strings.ContainsAny(v.AsString(), "$%")
	}
	return v.Type() == cty.Bool || v.Type() == cty.Number && v.AsBigFloat().IsInt()
}

func quote(s string) string {
	var out strings.Builder
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		return fmt.Sprintf("%q", s)
	}
	return strings.TrimSpace(out.String())
}
