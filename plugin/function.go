package plugin

import (
	"context"

	"github.com/zclconf/go-cty/cty"
)

// Function is one that expressions can call as provider::NAME::FUNCTION, with
// the name of the provider. It is pure: it returns the same for the same
// arguments, and touches nothing outside the process.
type Function struct {
	Name       string
	Doc        string
	Parameters []Parameter
	Variadic   *Parameter // of any number of arguments after the others; nil where there are none
	Result     cty.Type
}

// Parameter is one of a function. Its argument is known, and not null unless
// that is allowed.
type Parameter struct {
	Name      string
	Doc       string
	Type      cty.Type
	AllowNull bool
}

// Caller is a provider that has functions.
type Caller interface {
	// Call calls a function of the manifest. The arguments have the types of
	// its parameters.
	Call(ctx context.Context, function string, args []cty.Value) (cty.Value, error)
}
