package eventexpr

import (
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/driftless-hq/driftless/plugin/event"
)

// template joins its parts in memory that is used again for the next event.
func (c *compiler) template(e *hclsyntax.TemplateExpr) node {
	parts := make([]node, len(e.Parts))
	for k, part := range e.Parts {
		parts[k] = c.compile(part)
	}
	var buf []byte
	return func(b *event.Batch, i int) event.Value {
		buf = buf[:0]
		for _, part := range parts {
			var ok bool
			if buf, ok = appendText(buf, part(b, i)); !ok {
				return event.Value{}
			}
		}
		return event.BytesValue(buf)
	}
}
