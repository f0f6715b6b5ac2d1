package eval

import (
	"regexp"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config"
	"github.com/driftless-hq/driftless/config/lang"
)

// Facts is what is known of the host, in groups.
type Facts interface {
	// Names returns the names of the groups, sorted.
	Names() []string
	// Type returns the type of a group's value.
	Type(group string) (cty.Type, bool)
	// Value returns the value of a group, which is unknown where the host is
	// not to be looked at.
	Value(group string) (cty.Value, error)
}

// factMention finds the groups that a text may name. It takes comments and
// strings for expressions too: a group too many costs a moment, one too few
// an error.
var factMention = regexp.MustCompile(`\bfact\s*\.\s*(\w+)`)

// factObject returns the object that expressions know as fact. It holds only the
// groups that the configuration names.
func factObject(cfg *config.Config, facts Facts) (cty.Value, hcl.Diagnostics) {
	groups := make(map[string]cty.Value)
	var diags hcl.Diagnostics
	for _, file := range cfg.Files {
		for _, match := range factMention.FindAllSubmatch(file.Bytes, -1) {
			name := string(match[1])
			if _, ok := facts.Type(name); !ok || groups[name] != cty.NilVal {
				continue
			}
			v, diag := factValue(facts, name)
			if diag != nil {
				diags = append(diags, diag)
			}
			groups[name] = v
		}
	}
	return cty.ObjectVal(groups), diags
}

// factValue returns the value of a group, unknown where it can't be gathered.
func factValue(facts Facts, group string) (cty.Value, *hcl.Diagnostic) {
	v, err := facts.Value(group)
	if err != nil {
		return cty.DynamicVal, &hcl.Diagnostic{Severity: hcl.DiagError, Summary: "Facts not known", Detail: "The facts " + group + " could not be gathered: " + err.Error() + "."}
	}
	return v, nil
}

// checkFact reports a group or a fact that there isn't.
func checkFact(t hcl.Traversal, facts Facts) *hcl.Diagnostic {
	groups := make(map[string]bool)
	for _, name := range facts.Names() {
		groups[name] = true
	}
	if diag := checkMember(t, "fact", groups); diag != nil || len(t) < 3 {
		return diag
	}
	group, ok := t[1].(hcl.TraverseAttr)
	member, isAttr := t[2].(hcl.TraverseAttr)
	if !ok || !isAttr {
		return nil
	}
	known, _ := facts.Type(group.Name)
	if !known.IsObjectType() || known.HasAttribute(member.Name) {
		return nil
	}
	names := make([]string, 0, len(known.AttributeTypes()))
	for name := range known.AttributeTypes() {
		names = append(names, name)
	}
	return errorf(member.SrcRange, "Unsupported attribute", "fact.%s has no attribute %q.%s", group.Name, member.Name, lang.Suggest(member.Name, names))
}
