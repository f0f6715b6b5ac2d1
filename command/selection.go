package command

import (
	"errors"
	"fmt"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/internal/plan"
)

// selectionFlags choose a part of the configuration.
func selectionFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringSliceFlag{Name: "target", Usage: "cover only this block or instance, with all that it depends on: an `ADDRESS` such as task.file.motd"},
		&cli.StringSliceFlag{Name: "tags", Usage: "cover only the blocks with one of these `TAGS`, as in web,db, with all that they depend on"},
		&cli.StringSliceFlag{Name: "skip-tags", Usage: "leave out the blocks with one of these `TAGS`, and all that depends on them"},
	}
}

// partOf returns the part of a configuration that the flags choose. Where there
// is no such part it says so and returns false.
func (e env) partOf(l *loaded) (plan.Selection, bool) {
	part, err := e.selection()
	if err != nil {
		e.Error(err)
		return part, false
	}
	diags := part.Check(l.graph)
	e.Diagnostics(diags)
	return part, !diags.HasErrors()
}

// partFor is [env.partOf] for apply: a saved plan has chosen its part already.
func (e env) partFor(l *loaded, saved *plan.File) (plan.Selection, bool) {
	if saved == nil {
		return e.partOf(l)
	}
	part, err := saved.Part()
	if e.flags.IsSet("target") || e.flags.IsSet("tags") || e.flags.IsSet("skip-tags") {
		err = errors.New("a saved plan is applied as it was made: leave out -target, -tags and -skip-tags, or plan again with them")
	}
	if err != nil {
		e.Error(err)
		return part, false
	}
	return part, true
}

// selection reads the flags.
func (e env) selection() (plan.Selection, error) {
	s := plan.Selection{Tags: words(e.flags.StringSlice("tags")), SkipTags: words(e.flags.StringSlice("skip-tags"))}
	for _, text := range e.flags.StringSlice("target") {
		target, err := addr.Parse(text)
		if err != nil {
			return s, fmt.Errorf("-target: %w", err)
		}
		s.Targets = append(s.Targets, target)
	}
	for _, name := range []string{"tags", "skip-tags"} {
		if e.flags.IsSet(name) && len(words(e.flags.StringSlice(name))) == 0 {
			return s, fmt.Errorf("-%s names no tag; write it as in -%s=web,db", name, name)
		}
	}
	return s, nil
}

// words parts lists whose elements have commas between them.
func words(lists []string) []string {
	var out []string
	for _, list := range lists {
		for word := range strings.SplitSeq(list, ",") {
			if word = strings.TrimSpace(word); word != "" {
				out = append(out, word)
			}
		}
	}
	return out
}
