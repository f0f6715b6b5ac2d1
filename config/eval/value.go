package eval

import (
	"fmt"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config/cron"
	"github.com/driftless-hq/driftless/config/eventexpr"
	"github.com/driftless-hq/driftless/config/lang"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// value evaluates a shape to an object of the schema's type. Attributes that
// can't be evaluated are unknown, so that there is always a value.
func (sh *shape) value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	var diags hcl.Diagnostics
	values := make(map[string]cty.Value, len(sh.attrs)+len(sh.blocks))
	for i := range sh.attrs {
		a := &sh.schema.Attributes[i]
		v, attrDiags := attributeValue(sh.attrs[i], a, ctx)
		diags = append(diags, attrDiags...)
		values[a.Name] = v
	}
	for i := range sh.blocks {
		n := &sh.schema.Blocks[i]
		v, blockDiags := sh.nestedValue(i, ctx)
		diags = append(diags, blockDiags...)
		values[n.Name] = v
	}
	return cty.ObjectVal(values), diags
}

// nestedValue evaluates the blocks of one name. It is unknown where a dynamic
// block among them can't be told yet.
func (sh *shape) nestedValue(i int, ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	n, t := &sh.schema.Blocks[i], sh.types[i]
	known := true
	var all []nestedBlock
	var diags hcl.Diagnostics
	for _, b := range sh.blocks[i] {
		blocks, blocksKnown, blockDiags := b.expand(ctx)
		diags = append(diags, blockDiags...)
		all, known = append(all, blocks...), known && blocksKnown
	}
	if !known {
		return cty.UnknownVal(nestedType(n.Nesting, t)), diags
	}
	if len(sh.blocks[i]) > 0 {
		diags = append(diags, sh.checkNested(n, all)...)
	}
	return collect(n.Nesting, t, all), diags
}

// checkNested judges how many blocks there are, which is not told by what is
// written where some are dynamic.
func (sh *shape) checkNested(n *schema.Nested, blocks []nestedBlock) hcl.Diagnostics {
	if n.Required && len(blocks) == 0 {
		return hcl.Diagnostics{errorf(sh.rng, "Missing block", "A block %q is required here.", n.Name)}
	}
	if n.Nesting == schema.List {
		return nil
	}
	first := make(map[string]hcl.Range, len(blocks))
	for _, b := range blocks {
		if earlier, exists := first[b.label]; exists {
			return hcl.Diagnostics{duplicateBlock(b.rng, n.Name, b.label, earlier)}
		}
		first[b.label] = b.rng
	}
	return nil
}

func nestedType(nesting schema.Nesting, t cty.Type) cty.Type {
	switch nesting {
	case schema.Map:
		return cty.Map(t)
	case schema.List:
		return cty.List(t)
	}
	return t
}

func collect(nesting schema.Nesting, t cty.Type, blocks []nestedBlock) cty.Value {
	list := make([]cty.Value, len(blocks))
	labelled := make(map[string]cty.Value, len(blocks))
	for i, b := range blocks {
		list[i] = b.value
		labelled[b.label] = b.value
	}
	switch {
	case nesting == schema.Map && len(blocks) == 0:
		return cty.MapValEmpty(t)
	case nesting == schema.Map:
		return cty.MapVal(labelled)
	case nesting == schema.List && len(blocks) == 0:
		return cty.ListValEmpty(t)
	case nesting == schema.List:
		return cty.ListVal(list)
	case len(blocks) == 0:
		return cty.NullVal(t)
	}
	return list[0]
}

func attributeValue(attr *hcl.Attribute, a *schema.Attribute, ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	switch {
	case a.Computed && a.Sensitive:
		return cty.UnknownVal(a.Type).Mark(lang.Sensitive), nil
	case a.Computed:
		return cty.UnknownVal(a.Type), nil
	case attr == nil && a.Default != cty.NilVal:
		return a.Default, nil
	case attr == nil:
		return cty.NullVal(a.Type), nil
	case schema.IsExpr(a.Type):
		return expressionValue(attr, a, ctx)
	}
	v, diags := lang.Evaluate(attr.Expr, ctx)
	if diags.HasErrors() {
		return cty.UnknownVal(a.Type), diags
	}
	v, diag := convertTo(v, attr.Expr, a)
	if diag == nil {
		diag = checkValue(v, attr.Expr.Range(), a)
	}
	if diag != nil {
		return cty.UnknownVal(a.Type), append(diags, diag)
	}
	if v.IsKnown() && v.IsNull() && a.Default != cty.NilVal {
		v = a.Default
	}
	if a.Sensitive {
		v = v.Mark(lang.Sensitive)
	}
	return v, diags
}

// convertTo converts to the attribute's type. An object that has more than
// the type asks for fits, so that a whole block can be given.
func convertTo(v cty.Value, expr hcl.Expression, a *schema.Attribute) (cty.Value, *hcl.Diagnostic) {
	if a.Format == schema.Mode && v.Type() == cty.Number {
		return v, errorf(expr.Range(), "Invalid mode", "Write the mode in quotes and with a leading zero, as in \"0644\": a number loses the zero.")
	}
	converted, err := lang.Convert(v, a.Type)
	if err != nil {
		return v, errorf(expr.Range(), "Incorrect attribute value type", "Inappropriate value for attribute %q: %s.", a.Name, describe(err))
	}
	return converted, nil
}

// describe puts the place within a value before what is wrong there.
func describe(err error) string {
	var path cty.PathError
	if p, ok := err.(cty.PathError); ok {
		path = p
	}
	var where strings.Builder
	for _, step := range path.Path {
		switch s := step.(type) {
		case cty.GetAttrStep:
			fmt.Fprintf(&where, "%s: ", s.Name)
		case cty.IndexStep:
			if s.Key.Type() == cty.String {
				fmt.Fprintf(&where, "element %q: ", s.Key.AsString())
			} else {
				fmt.Fprintf(&where, "element %s: ", s.Key.AsBigFloat().Text('f', -1))
			}
		}
	}
	return where.String() + err.Error()
}

// checkValue judges what the schema says of a known value.
func checkValue(marked cty.Value, rng hcl.Range, a *schema.Attribute) *hcl.Diagnostic {
	v, marks := marked.UnmarkDeep()
	if a.Required && v.IsNull() {
		return errorf(rng, "Missing value", "The argument %q is required and may not be null.", a.Name)
	}
	if !v.IsWhollyKnown() || v.IsNull() {
		return nil
	}
	problem := firstProblem(v, a)
	if problem == "" {
		return nil
	}
	if len(marks) > 0 || a.Sensitive {
		problem = "The value isn't shown, because it is sensitive."
	}
	return errorf(rng, "Invalid value for "+kindOf(a), "%s", problem)
}

func kindOf(a *schema.Attribute) string {
	if a.Format != "" {
		return string(a.Format)
	}
	return "choice"
}

// firstProblem looks at a string, or at each element of a collection of
// strings, and says what is wrong with the first that is.
func firstProblem(v cty.Value, a *schema.Attribute) string {
	if a.Format == "" && len(a.Enum) == 0 {
		return ""
	}
	if v.Type() == cty.String {
		return problemOf(v.AsString(), a)
	}
	if !v.CanIterateElements() {
		return ""
	}
	for it := v.ElementIterator(); it.Next(); {
		if _, element := it.Element(); element.Type() == cty.String && !element.IsNull() {
			if problem := problemOf(element.AsString(), a); problem != "" {
				return problem
			}
		}
	}
	return ""
}

func problemOf(s string, a *schema.Attribute) string {
	if len(a.Enum) > 0 && !slices.Contains(a.Enum, s) {
		return fmt.Sprintf("%q is not one of %s.%s", abbreviate(s), quoteAll(a.Enum), lang.Suggest(s, a.Enum))
	}
	var err error
	switch a.Format {
	case schema.Duration:
		_, err = schema.ParseDuration(s)
	case schema.Size:
		_, err = schema.ParseSize(s)
	case schema.Mode:
		_, err = schema.ParseMode(s)
	case schema.Regexp:
		_, err = regexp.Compile(s)
	case schema.AbsolutePath:
		if !filepath.IsAbs(s) {
			err = fmt.Errorf("%q is not an absolute path. Begin it with / or with ${path.config}/", s)
		} else if strings.ContainsRune(s, 0) {
			err = fmt.Errorf("a path can't hold a NUL byte")
		}
	case schema.Glob:
		if !doublestar.ValidatePattern(s) {
			err = fmt.Errorf("%q is not a valid pattern: a bracket or brace isn't closed", s)
		}
	case schema.Schedule:
		_, err = cron.Parse(s)
	case schema.URL:
		if u, parseErr := url.Parse(s); parseErr != nil {
			err = parseErr
		} else if u.Scheme == "" || u.Host == "" {
			err = fmt.Errorf("%q is not a URL: write it as in \"https://example.com/path\"", s)
		}
	}
	if err != nil {
		return sentence(abbreviate(err.Error()))
	}
	return ""
}

// maxProblem is how many bytes of a problem are shown, which may quote a value
// that is any size.
const maxProblem = 1000

// abbreviate keeps the beginning and the end of a long text.
func abbreviate(s string) string {
	if len(s) <= maxProblem {
		return s
	}
	return strings.ToValidUTF8(s[:maxProblem/2], "") + " ... " + strings.ToValidUTF8(s[len(s)-maxProblem/2:], "")
}

func sentence(s string) string {
	s = strings.ToUpper(s[:1]) + s[1:]
	if strings.HasSuffix(s, "?") {
		return s
	}
	return s + "."
}

func quoteAll(list []string) string {
	quoted := make([]string, len(list))
	for i, s := range list {
		quoted[i] = fmt.Sprintf("%q", s)
	}
	return strings.Join(quoted, ", ")
}

func expressionValue(attr *hcl.Attribute, a *schema.Attribute, ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	switch a.Type {
	case schema.EventExpr:
		compiled, diags := eventexpr.Compile(attr.Expr, ctx)
		return cty.CapsuleVal(schema.EventExpr, &compiled), diags
	case schema.EventExprs:
		compiled, diags := eventexpr.CompileMap(attr.Expr, ctx)
		return cty.CapsuleVal(schema.EventExprs, &compiled), diags
	default:
		return cty.CapsuleVal(schema.SelfExpr, selfExpr(attr.Expr, ctx)), nil
	}
}

// selfExpr closes over the scope of the block.
func selfExpr(expr hcl.Expression, ctx *hcl.EvalContext) *schema.Self {
	return &schema.Self{
		Text: place(expr.Range()),
		Eval: func(self cty.Value) (cty.Value, error) {
			inner := lang.WithAccount(ctx) // it may be evaluated any number of times
			inner.Variables = map[string]cty.Value{"self": self}
			v, diags := lang.Evaluate(expr, inner)
			if diags.HasErrors() {
				return cty.DynamicVal, fmt.Errorf("%s: %s", diags[0].Subject, diags[0].Detail)
			}
			return v, nil
		},
	}
}
