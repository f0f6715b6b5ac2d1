package view

import (
	"fmt"
	"strings"

	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/internal/plan"
)

// partLine says what part of the configuration a plan covers; it is empty
// where that is all of it.
func partLine(p *plan.Plan) string {
	if p.Part.IsAll() {
		return ""
	}
	var flags []string
	for _, target := range p.Part.Targets {
		flags = append(flags, "-target="+target.String())
	}
	for _, f := range []struct {
		name string
		tags []string
	}{{"-tags", p.Part.Tags}, {"-skip-tags", p.Part.SkipTags}} {
		if len(f.tags) > 0 {
			flags = append(flags, f.name+"="+strings.Join(f.tags, ","))
		}
	}
	return fmt.Sprintf("This is only a part of the configuration (%s): %s left out.", strings.Join(flags, " "), count(p.LeftOut, "task"))
}

// partRecord is the same for programs.
type partRecord struct {
	Targets  []addr.Addr `json:"targets,omitempty"`
	Tags     []string    `json:"tags,omitempty"`
	SkipTags []string    `json:"skip_tags,omitempty"`
	LeftOut  int         `json:"left_out"`
}

// summaryOf is what a change_summary holds: the counts, and the part of the
// configuration that they are about where that isn't all of it.
func summaryOf(p *plan.Plan, changes message) message {
	summary := message{"changes": changes}
	if !p.Part.IsAll() {
		summary["part"] = partRecord{p.Part.Targets, p.Part.Tags, p.Part.SkipTags, p.LeftOut}
	}
	return summary
}
