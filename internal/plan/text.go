package plan

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/zclconf/go-cty/cty"
)

// Text writes a value on one line as it would stand in a configuration.
// Nothing where it is null, and words where it can't be written.
func Text(v cty.Value) string {
	var b strings.Builder
	writeText(&b, v)
	return b.String()
}

func writeText(b *strings.Builder, v cty.Value) {
	switch {
	case v.IsMarked():
		b.WriteString(Masked)
	case !v.IsKnown():
		b.WriteString("(known after apply)")
	case v.IsNull():
	case v.Type() == cty.String:
		b.WriteString(strconv.Quote(v.AsString()))
	case v.Type() == cty.Bool:
		b.WriteString(strconv.FormatBool(v.True()))
	case v.Type() == cty.Number:
		b.WriteString(numberText(v.AsBigFloat()))
	case v.Type().IsCapsuleType():
		b.WriteString("(expression)")
	case v.Type().IsObjectType() || v.Type().IsMapType():
		writeMembers(b, v, "{", "}", func(key cty.Value) string { return fmt.Sprintf("%s = ", key.AsString()) })
	default:
		writeMembers(b, v, "[", "]", func(cty.Value) string { return "" })
	}
}

func writeMembers(b *strings.Builder, v cty.Value, open, end string, label func(key cty.Value) string) {
	b.WriteString(open)
	first := true
	for it := v.ElementIterator(); it.Next(); {
		key, element := it.Element()
		if element.IsKnown() && element.IsNull() && !element.IsMarked() && open == "{" {
			continue
		}
		if !first {
			b.WriteString(", ")
		}
		first = false
		b.WriteString(label(key))
		writeText(b, element)
	}
	b.WriteString(end)
}
