package lang

import (
	"errors"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

// Secrets finds what the functions secret and vault name. A value that is not
// to be looked up, because the configuration is only validated, is unknown.
type Secrets interface {
	Secret(name string) (cty.Value, error)
	// Vault returns the value of a key of what is at a path or, with parameters,
	// of the answer to writing them there; [cty.NilVal] stands for none.
	Vault(path, key string, parameters cty.Value) (cty.Value, error)
}

// noSecrets stands for secrets where there are none.
type noSecrets struct{}

var errNoSecrets = errors.New("secrets are not available here")

func (noSecrets) Secret(string) (cty.Value, error)                   { return cty.NilVal, errNoSecrets }
func (noSecrets) Vault(string, string, cty.Value) (cty.Value, error) { return cty.NilVal, errNoSecrets }

// secretFunctions returns the functions that look up secrets; nil is for none.
// What they return is marked.
func secretFunctions(s Secrets) map[string]function.Function {
	if s == nil {
		s = noSecrets{}
	}
	return map[string]function.Function{
		"secret": function.New(&function.Spec{
			Params: params("name"),
			Type:   function.StaticReturnType(cty.String),
			Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
				return marked(cty.String)(s.Secret(args[0].AsString()))
			},
		}),
		"vault": function.New(&function.Spec{
			Params:   params("path", "key"),
			VarParam: &function.Parameter{Name: "parameters", Type: cty.DynamicPseudoType},
			Type:     function.StaticReturnType(cty.DynamicPseudoType),
			Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
				parameters := cty.NilVal
				switch len(args) {
				case 2:
				case 3:
					parameters = args[2]
				default:
					return cty.DynamicVal, function.NewArgErrorf(3, "the function vault takes a path, a key and at most one object of parameters")
				}
				return marked(cty.DynamicPseudoType)(s.Vault(args[0].AsString(), args[1].AsString(), parameters))
			},
		}),
	}
}

// marked makes the result of a look-up that of a function. That it fails is seldom
// a mistake in an argument: what is asked may not be there for a while.
func marked(t cty.Type) func(v cty.Value, err error) (cty.Value, error) {
	return func(v cty.Value, err error) (cty.Value, error) {
		if err != nil {
			return cty.UnknownVal(t), err
		}
		return v.Mark(Sensitive), nil
	}
}
