package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/config/lang"
)

// Selection is the part of a configuration that is planned: the targets and
// the blocks with one of the tags, with all that they depend on. Without
// either it is everything. What has one of the tags to skip is left out, and
// so is what depends on it.
type Selection struct {
	Targets  []addr.Addr // of blocks, of their instances or of modules
	Tags     []string
	SkipTags []string
}

// IsAll reports whether nothing is left out.
func (s Selection) IsAll() bool { return s.choosesAll() && len(s.SkipTags) == 0 }

func (s Selection) choosesAll() bool { return len(s.Targets)+len(s.Tags) == 0 }

// chooses reports whether a node is asked for, and not only depended on.
func (s Selection) chooses(n *eval.Node) bool {
	isIt := func(target addr.Addr) bool { return target.Covers(n.Addr) }
	return s.choosesAll() || slices.ContainsFunc(s.Targets, isIt) || hasAny(n.Meta.Tags, s.Tags)
}

func (s Selection) skips(n *eval.Node) bool { return hasAny(n.Meta.Tags, s.SkipTags) }

func hasAny(tags, wanted []string) bool {
	return slices.ContainsFunc(tags, func(tag string) bool { return slices.Contains(wanted, tag) })
}

// Check finds targets and tags that the configuration doesn't have.
func (s Selection) Check(g *eval.Graph) hcl.Diagnostics {
	var diags hcl.Diagnostics
	for _, target := range s.Targets {
		if problem := g.CheckAddress(target); problem != "" {
			diags = append(diags, &hcl.Diagnostic{
				Severity: hcl.DiagError, Summary: "Unknown target",
				Detail: fmt.Sprintf("-target names %s. %s", target, problem),
			})
		}
	}
	known := tagsOf(g)
	for _, tag := range slices.Concat(s.Tags, s.SkipTags) {
		if !slices.Contains(known, tag) {
			diags = append(diags, &hcl.Diagnostic{
				Severity: hcl.DiagError, Summary: "Unknown tag",
				Detail: fmt.Sprintf("No block of the configuration has the tag %q.%s", tag, suggestTag(tag, known)),
			})
		}
	}
	return diags
}

func suggestTag(tag string, known []string) string {
	if hint := lang.Suggest(tag, known); hint != "" || len(known) == 0 {
		return hint
	}
	return " Known are " + strings.Join(known, ", ") + "."
}

func tagsOf(g *eval.Graph) []string {
	var tags []string
	for _, n := range g.Order() {
		tags = append(tags, n.Meta.Tags...)
	}
	slices.Sort(tags)
	return slices.Compact(tags)
}
