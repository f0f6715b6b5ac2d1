package terraform

import (
	"maps"
	"slices"
	"strings"

	tfjson "github.com/hashicorp/terraform-json"
)

// unknownArgument returns the name of an argument that the code of a resource
// gives a value which is only known after an apply, empty where there is none.
// What the provider computes is no argument; it computes the whole of it, so a
// part of a block that the code doesn't show is one of a dynamic block. Without
// the code, all may be.
func unknownArgument(code *tfjson.ConfigResource, change *tfjson.ResourceChange) string {
	unknown, _ := change.Change.AfterUnknown.(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(unknown)) {
		if holdsTrue(unknown[name]) && (unknown[name] != true || code == nil || code.Expressions[name] != nil) {
			return name
		}
	}
	return ""
}

// codeOf finds a resource in the code, nil where it isn't there.
func codeOf(config *tfjson.Config, change *tfjson.ResourceChange) *tfjson.ConfigResource {
	if config == nil {
		return nil
	}
	module := config.RootModule
	for _, name := range moduleNames(change.ModuleAddress) {
		if module == nil || module.ModuleCalls[name] == nil {
			return nil
		}
		module = module.ModuleCalls[name].Module
	}
	if module == nil {
		return nil
	}
	for _, r := range module.Resources {
		if r.Mode == change.Mode && r.Type == change.Type && r.Name == change.Name {
			return r
		}
	}
	return nil
}

// moduleNames are the names in the address of a module, without the keys of
// its instances: a and b of module.a["x.y"].module.b[0].
func moduleNames(address string) []string {
	var plain strings.Builder
	inKey, inText, escaped := false, false, false
	for _, c := range address {
		switch {
		case escaped:
			escaped = false
		case inText && c == '\\':
			escaped = true
		case inKey && c == '"':
			inText = !inText
		case c == '[' && !inText:
			inKey = true
		case c == ']' && !inText:
			inKey = false
		case !inKey:
			plain.WriteRune(c)
		}
	}
	var names []string
	for i, part := range strings.Split(plain.String(), ".") {
		if i%2 == 1 {
			names = append(names, part)
		}
	}
	return names
}
