package command

import (
	"strings"

	"github.com/urfave/cli/v3"
)

// choice is a flag whose value is one of a few words. Help and completion both
// know them from here.
type choice struct {
	*cli.StringFlag
	words []string
}

// oneOf makes a choice of a flag; the words are added to its usage.
func oneOf(f *cli.StringFlag, words ...string) cli.Flag {
	last := len(words) - 1
	f.Usage += ": " + strings.Join(words[:last], ", ") + " or " + words[last]
	return &choice{f, words}
}

var _ cli.DocGenerationFlag = (*choice)(nil)
