package lang

import "github.com/zclconf/go-cty/cty/function"

// Group is a group of functions in the reference.
type Group struct {
	Title string
	Docs  []Doc
}

// Doc is what the reference says of a function.
type Doc struct {
	Name, Text string
	// Params says what each parameter is, in their order, the variadic one last.
	Params []string
	// Example is an expression, and Result another for what it evaluates to.
	// There is none where that isn't the same everywhere.
	Example, Result string
}

// Reference describes all functions, in the groups and the order in which they
// are shown.
func Reference() []Group {
	return []Group{
		numericDocs(), stringDocs(), collectionDocs(), encodingDocs(), filesystemDocs(),
		timeDocs(), hashDocs(), networkDocs(), conversionDocs(), outsideDocs(),
	}
}

// docs is the reference by name.
var docs = byName(Reference())

func byName(groups []Group) map[string]Doc {
	out := make(map[string]Doc)
	for _, g := range groups {
		for _, d := range g.Docs {
			out[d.Name] = d
		}
	}
	return out
}

// describe gives functions their descriptions.
func describe(functions map[string]function.Function) {
	for name, f := range functions {
		if d, ok := docs[name]; ok {
			functions[name] = f.WithNewDescriptions(d.Text, d.Params)
		}
	}
}
