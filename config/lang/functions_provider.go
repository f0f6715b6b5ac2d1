package lang

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"

	"github.com/driftless-hq/driftless/plugin"
)

// providerPrefix is what the names of the functions of providers begin with.
const providerPrefix = "provider::"

// ProviderFunctions returns the functions of a provider, by the names that
// expressions call them by. What is unknown in an argument makes the result
// unknown, and what is sensitive makes it sensitive.
func ProviderFunctions(provider string, functions []plugin.Function, call func(name string, args []cty.Value) (cty.Value, error)) map[string]function.Function {
	all := make(map[string]function.Function, len(functions))
	for _, f := range functions {
		spec := &function.Spec{
			Description: f.Doc,
			Type:        function.StaticReturnType(f.Result),
			Impl: func(args []cty.Value, t cty.Type) (cty.Value, error) {
				v, err := call(f.Name, args)
				if err != nil {
					return cty.UnknownVal(t), err
				}
				if errs := v.Type().TestConformance(t); len(errs) > 0 {
					return cty.UnknownVal(t), fmt.Errorf("the provider returned something else than a %s, which is a defect of it", t.FriendlyName())
				}
				return v, nil
			},
		}
		for _, p := range f.Parameters {
			spec.Params = append(spec.Params, providerParameter(p))
		}
		if f.Variadic != nil {
			p := providerParameter(*f.Variadic)
			spec.VarParam = &p
		}
		all[providerPrefix+provider+"::"+f.Name] = function.New(spec)
	}
	return all
}

func providerParameter(p plugin.Parameter) function.Parameter {
	return function.Parameter{Name: p.Name, Description: p.Doc, Type: p.Type, AllowNull: p.AllowNull}
}

// missingProvider says what to do where a function of a provider is called that
// has none, empty where it has some.
func missingProvider(namespace string, known []string) string {
	provider, ok := strings.CutPrefix(strings.TrimSuffix(namespace, "::"), providerPrefix)
	if !ok || slices.ContainsFunc(known, func(name string) bool { return strings.HasPrefix(name, namespace) }) {
		return ""
	}
	return fmt.Sprintf(" Either no provider %s is required, or it has no functions. Require it with: driftless { required_providers { %s = { source = %q } } }.", provider, provider, provider)
}
