package syntax

import (
	"fmt"
	"strings"
	"sync"

	"github.com/hashicorp/hcl/v2"
)

// navigation tells which block of a file a byte belongs to, for the excerpts
// that diagnostics show.
type navigation struct {
	blocks func() hcl.Blocks // of the file, found when they are first asked for
}

func newNavigation(root *body, schema *hcl.BodySchema) navigation {
	return navigation{sync.OnceValue(func() hcl.Blocks {
		content, _, _ := root.partial(schema)
		return content.Blocks
	})}
}

// ContextString returns the header of the block, as in the native syntax.
func (n navigation) ContextString(offset int) string {
	block := n.around(offset)
	if block == nil {
		return ""
	}
	var header strings.Builder
	header.WriteString(block.Type)
	for _, label := range block.Labels {
		fmt.Fprintf(&header, " %q", label)
	}
	return header.String()
}

// ContextDefRange returns the range of the header of the block.
func (n navigation) ContextDefRange(offset int) hcl.Range {
	if block := n.around(offset); block != nil {
		return block.DefRange
	}
	return hcl.Range{}
}

// around returns the block that a byte is in. In TOML blocks may interleave;
// then it is the one that began last.
func (n navigation) around(offset int) *hcl.Block {
	var last *hcl.Block
	for _, block := range n.blocks() {
		sp := block.Body.(*body).node.where()
		begin := min(block.DefRange.Start.Byte, sp.start)
		if begin <= offset && offset < sp.end && (last == nil || begin >= last.DefRange.Start.Byte) {
			last = block
		}
	}
	return last
}
