package reference

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty/function"
)

// Function is a function that expressions can call.
type Function struct {
	Name string
	impl function.Function
}

// Parameter is one parameter of a function.
type Parameter struct {
	Name string `json:"name"`
	Type string `json:"type"`
	Doc  string `json:"doc,omitempty"`
}

func functions(table map[string]function.Function) []Function {
	all := make([]Function, 0, len(table))
	for _, name := range slices.Sorted(maps.Keys(table)) {
		all = append(all, Function{name, table[name]})
	}
	return all
}

// Doc says what the function returns.
func (f Function) Doc() string { return f.impl.Description() }

// Signature is the function with the names of its parameters.
func (f Function) Signature() string {
	var names []string
	for _, p := range f.Parameters() {
		names = append(names, p.Name)
	}
	if v := f.Variadic(); v != nil {
		names = append(names, v.Name+"...")
	}
	return f.Name + "(" + strings.Join(names, ", ") + ")"
}

// Parameters returns the parameters that have to be given.
func (f Function) Parameters() []Parameter {
	out := []Parameter{}
	for _, p := range f.impl.Params() {
		out = append(out, parameter(p))
	}
	return out
}

// Variadic returns the parameter that any number of further arguments is for,
// nil where there is none.
func (f Function) Variadic() *Parameter {
	p := f.impl.VarParam()
	if p == nil {
		return nil
	}
	out := parameter(*p)
	return &out
}

func parameter(p function.Parameter) Parameter {
	return Parameter{p.Name, typeText(p.Type), p.Description}
}

// MarshalJSON writes the signature in its parts.
func (f Function) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Name       string      `json:"name"`
		Doc        string      `json:"doc"`
		Parameters []Parameter `json:"parameters"`
		Variadic   *Parameter  `json:"variadic_parameter,omitempty"`
	}{f.Name, f.Doc(), f.Parameters(), f.Variadic()})
}
