package docgen

import (
	"fmt"
	"strings"

	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// typePage is the page of one type of block.
func typePage(t plugin.Type, examples []example) string {
	p := newPage(fmt.Sprintf("%s %q", t.Ref.Kind, t.Ref.Name))
	p.paragraph(t.Schema.Doc)
	if note := nature(t); note != "" {
		p.paragraph(note)
	}
	p.heading(2, "Example")
	for _, e := range examples {
		language, isConfig := "hcl", strings.HasSuffix(e.name, ".hcl")
		if !isConfig {
			p.paragraph("`" + e.name + "`:")
			language = ""
		}
		p.code(language, e.content)
	}
	p.heading(2, "Arguments")
	if len(t.Schema.Attributes)+len(t.Schema.Blocks) == 0 {
		p.paragraph("None of its own.")
	}
	p.arguments(t.Schema, 3, "")
	p.metaArguments(t.Ref.Kind)
	p.attributes(t)
	return p.String()
}

// nature says what a block of the type is good for in the graph.
func nature(t plugin.Type) string {
	switch {
	case t.DetectOnly:
		return "It only ever reports: `enforcement` can be `detect` or `off`."
	case t.Ref.Kind == plugin.KindSource && t.Emits:
		return "It emits events, so that a pipeline can start at it."
	case t.Ref.Kind == plugin.KindSource:
		return "It has values that others refer to, and emits no events."
	}
	return ""
}

// metaArguments lists what the core reads from every block of a kind. A stage
// has none.
func (p *page) metaArguments(kind plugin.Kind) {
	if kind == plugin.KindStage {
		return
	}
	p.heading(2, "Meta-arguments")
	p.item("`for_each`: a map or a set of strings. The block is made once for each element, which it knows as `each.key` and `each.value`.")
	when := "`when` (`bool`): whether the block is there at all."
	if kind == plugin.KindTask {
		when += " It may depend on what other tasks learn."
	}
	p.item("%s", when)
	p.item("`depends_on`: a list of addresses of blocks that come first, where no reference says so already.")
	if kind == plugin.KindTask {
		p.item("`triggered_by`: a list of addresses of tasks. The task is applied only in a run in which one of them changes, once, after all of them.")
	}
	p.arguments(eval.MetaSchema(addr.Kind(kind)), 3, "")
}

// attributes lists what others can refer to.
func (p *page) attributes(t plugin.Type) {
	if t.Ref.Kind != plugin.KindTask && t.Ref.Kind != plugin.KindSource {
		return
	}
	p.heading(2, "Attributes")
	reference := fmt.Sprintf("`%s.NAME`", t.Ref)
	if !makesKnown(t.Schema) {
		p.paragraph("Others can refer to its arguments as attributes of " + reference + ".")
		return
	}
	p.paragraph("Others can refer to its arguments as attributes of " + reference + ", and to what it learns:")
	p.learnt(t.Schema)
}

func makesKnown(b *schema.Block) bool {
	for _, a := range b.Attributes {
		if a.Computed {
			return true
		}
	}
	return false
}
