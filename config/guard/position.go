package guard

import (
	"bytes"
	"unicode/utf8"

	"github.com/apparentlymart/go-textseg/v15/textseg"
	"github.com/hashicorp/hcl/v2"
)

func firstInvalid(src []byte) int {
	for i := 0; i < len(src); {
		r, size := utf8.DecodeRune(src[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return len(src)
}

// rangeOf is the range of some bytes of a text. It reads the text from the
// start, so it is for what is shown only.
func rangeOf(src []byte, name string, start, end int) hcl.Range {
	return hcl.Range{Filename: name, Start: posOf(src, start), End: posOf(src, end)}
}

func posOf(src []byte, at int) hcl.Pos {
	line := bytes.LastIndexByte(src[:at], '\n') + 1
	columns, err := textseg.TokenCount(bytes.TrimPrefix(src[line:at], []byte("\uFEFF")), textseg.ScanGraphemeClusters)
	if err != nil {
		columns = at - line
	}
	return hcl.Pos{Line: bytes.Count(src[:at], []byte("\n")) + 1, Column: columns + 1, Byte: at}
}
