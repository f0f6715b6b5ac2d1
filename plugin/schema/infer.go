package schema

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/json"
)

// For makes the schema of a block from the struct that [Decode] copies its
// value into, so that the two can't differ. Doc says what the block is for.
//
//	type config struct {
//		Path   string        `schema:"path,required" doc:"The file to keep." format:"absolute path" claim:"owns"`
//		Mode   *string       `schema:"mode" doc:"Its permissions. Those it has when left out." format:"mode"`
//		Wait   time.Duration `schema:"wait" doc:"How long to wait for it." default:"30s"`
//		Level  string        `schema:"level" doc:"How much to say." default:"info" enum:"debug,info"`
//		Token  string        `schema:"token,sensitive" doc:"Who asks for it."`
//		Digest string        `schema:"digest,computed" doc:"What it is, as sha256."`
//		Proxy  *proxy        `schema:"proxy" doc:"How to get there."`
//		Rules  []rule        `schema:"rule" doc:"What to do with it."`
//	}
//
// The tag schema begins with the name in a configuration. After it may follow
// required; computed, for what the instance learns; sensitive, for what is
// never shown; and label, for the field of a block in a map that takes the key.
//
// A string, bool, number, [time.Duration] or [Bytes] is an attribute of that
// kind, and so are slices and maps of them. A [cty.Value] takes anything, and
// an [event.Expr], [event.ExprMap] or [Self] an expression. What a pointer
// points to can be left out, which is told from its zero value. A struct is a
// nested block, a slice of structs any number of them, and a map of structs
// any number with a label each. The fields of an embedded struct are those of
// the struct around it.
//
// The tags doc, default, enum (separated by commas), format, claim and
// deprecated are the fields of [Attribute]. The default of a list or map is
// written in JSON. Doc is needed everywhere. The error names each field whose
// tags don't make sense.
func For[T any](doc string) (*Block, error) {
	t := reflect.TypeFor[T]()
	if t.Kind() != reflect.Struct || isValue(t) {
		return nil, fmt.Errorf("make a schema of %s: only a struct has one", t)
	}
	m := &maker{}
	b := m.block(t)
	b.Doc = doc
	if len(m.problems) > 0 {
		return nil, errors.Join(m.problems...)
	}
	if err := b.Validate(); err != nil {
		return nil, fmt.Errorf("make a schema of %s: %w", t, err)
	}
	return &b, nil
}

// MustFor is [For] for a struct that is part of the program: it panics where
// the tags don't make sense, so that the mistake shows when a provider is first
// tested. Tests that ask for the manifest find it.
func MustFor[T any](doc string) *Block {
	b, err := For[T](doc)
	if err != nil {
		panic(err)
	}
	return b
}

// maker makes schemas and notes what is wrong with the structs.
type maker struct {
	within   []reflect.Type // the structs that the present one is in
	problems []error
}

func (m *maker) block(t reflect.Type) Block {
	var b Block
	if slices.Contains(m.within, t) {
		m.problems = append(m.problems, fmt.Errorf("%s holds itself: a schema has an end", t))
		return b
	}
	m.within = append(m.within, t)
	defer func() { m.within = m.within[:len(m.within)-1] }()
	for _, f := range fieldsOf(t) {
		if err := m.add(&b, f); err != nil {
			m.problems = append(m.problems, fmt.Errorf("%s.%s: %w", t, f.Name, err))
		}
	}
	return b
}

// add adds what one field stands for.
func (m *maker) add(b *Block, f field) error {
	if err := checkOptions(f); err != nil {
		return err
	}
	if f.isLabel() {
		if len(m.within) == 1 {
			return errors.New("only a block in a map of blocks has a label")
		}
		return nil
	}
	if f.Tag.Get("doc") == "" {
		return errors.New(`the tag doc is missing: say what it is for, as in doc:"The file to keep."`)
	}
	if _, _, ok := blockOf(f.Type); ok {
		n, err := m.nested(f)
		b.Blocks = append(b.Blocks, n)
		return err
	}
	a, err := attribute(f)
	b.Attributes = append(b.Attributes, a)
	return err
}

func checkOptions(f field) error {
	known := []string{optionRequired, optionComputed, optionSensitive, optionLabel}
	for _, option := range f.options {
		if !slices.Contains(known, option) {
			return fmt.Errorf("the tag schema has the unknown option %q: after the name may follow %s", option, strings.Join(known, ", "))
		}
	}
	switch {
	case f.name == "":
		return errors.New("the tag schema has no name")
	case !f.IsExported():
		return errors.New("the field has the tag schema and is not exported, so that nothing can be copied into it")
	case f.isLabel() && (len(f.options) > 1 || f.Type.Kind() != reflect.String):
		return errors.New("a label is a string, and nothing else beside")
	}
	return nil
}

func (m *maker) nested(f field) (Nested, error) {
	t, nesting, _ := blockOf(f.Type)
	n := Nested{Name: f.name, Nesting: nesting, Required: f.has(optionRequired)}
	var labels []string
	for _, inner := range fieldsOf(t) {
		if inner.isLabel() {
			labels = append(labels, inner.name)
		}
	}
	switch {
	case f.has(optionComputed), f.has(optionSensitive):
		return n, errors.New("a block can be neither computed nor sensitive: only its attributes can")
	case hasTag(f, "default", "enum", "format", "claim", "deprecated"):
		return n, errors.New("of a block only the tags schema and doc are read")
	case nesting == Map && f.Type.Key().Kind() != reflect.String:
		return n, fmt.Errorf("the label of a block is a string, and not %s", f.Type.Key())
	case nesting == Map && len(labels) != 1:
		return n, fmt.Errorf("one string field of %s has to say what the label means, as in schema:\"name,label\"", t)
	case nesting == Map:
		n.Label = labels[0]
	case len(labels) > 0:
		return n, fmt.Errorf("%s has a field for a label, which only the blocks of a map have", t)
	}
	n.Block = m.block(t)
	n.Doc = f.Tag.Get("doc")
	return n, nil
}

func hasTag(f field, keys ...string) bool {
	return slices.ContainsFunc(keys, func(key string) bool {
		_, ok := f.Tag.Lookup(key)
		return ok
	})
}

func attribute(f field) (Attribute, error) {
	a := Attribute{
		Name: f.name, Doc: f.Tag.Get("doc"), Deprecated: f.Tag.Get("deprecated"), Claim: Claim(f.Tag.Get("claim")),
		Required: f.has(optionRequired), Computed: f.has(optionComputed), Sensitive: f.has(optionSensitive),
	}
	var ok bool
	if a.Type, a.Format, ok = attributeType(f.Type); !ok {
		return a, fmt.Errorf("no attribute can be of the Go type %s", f.Type)
	}
	if format := f.Tag.Get("format"); format != "" {
		if a.Format != "" && a.Format != Format(format) {
			return a, fmt.Errorf("the format %q is not that of %s, which is %q", format, f.Type, a.Format)
		}
		a.Format = Format(format)
	}
	if enum := f.Tag.Get("enum"); enum != "" {
		a.Enum = strings.Split(enum, ",")
	}
	text, hasDefault := f.Tag.Lookup("default")
	if f.Type.Kind() == reflect.Pointer && (a.Required || hasDefault) {
		return a, errors.New("a pointer is for what can be left out, which this can't be: take the type that it points to")
	}
	if !hasDefault {
		return a, nil
	}
	var err error
	a.Default, err = parseDefault(text, a.Type)
	return a, err
}

// parseDefault reads the default of an attribute: a string as it is, all else
// in JSON.
func parseDefault(text string, t cty.Type) (cty.Value, error) {
	if t == cty.String {
		return cty.StringVal(text), nil
	}
	if IsExpr(t) || t.HasDynamicTypes() {
		return cty.NilVal, errors.New("an attribute that takes an expression or anything has no default")
	}
	v, err := json.Unmarshal([]byte(text), t)
	if err != nil || v.IsNull() {
		return cty.NilVal, fmt.Errorf("the default %q is no %s", text, t.FriendlyName())
	}
	return v, nil
}
