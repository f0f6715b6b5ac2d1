package view

import (
	"fmt"
	"strings"

	past "github.com/driftless-hq/driftless/internal/history"
	"github.com/driftless-hq/driftless/internal/plan"
)

// writeIgnored writes which differences are accepted, and by what.
func (v *View) writeIgnored(b *strings.Builder, ignored past.Ignored) {
	for _, part := range ignored.Parts {
		pieces := []piece{
			{"        ", symbols[part.Action].sign, ""}, {" ", visible(part.Address), ""}, {"  ", visible(part.Class) + ", ignored", dim},
		}
		if len(part.Attributes) > 0 {
			pieces = append(pieces, piece{"  ", visible(strings.Join(part.Attributes, ", ")), ""})
		}
		b.WriteString(v.out.line(pieces, 12) + "\n")
		fmt.Fprintf(b, "            %s\n", v.out.paint(dim, v.out.hang(visible(reasonOf(part.By)), 12)))
	}
	if ignored.Further > 0 {
		fmt.Fprintf(b, "        %s\n", v.out.paint(dim, fmt.Sprintf("... and %d more that are ignored", ignored.Further)))
	}
}

// reasonOf says what accepts a difference, why and until when, and who answers
// for that.
func reasonOf(by plan.IgnoredBy) string {
	if by.Line > 0 {
		return fmt.Sprintf("by line %d of .driftignore: %s", by.Line, by.Pattern)
	}
	text := fmt.Sprintf("by the rule for %s: %s", by.Pattern, by.Reason)
	if by.Owner != "" {
		text += ", owner " + by.Owner
	}
	if by.Expires != "" {
		text += ", until " + by.Expires
	}
	return text
}
