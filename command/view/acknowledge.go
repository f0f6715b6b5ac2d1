package view

import (
	"fmt"
	"strings"
	"time"

	"github.com/driftless-hq/driftless/agent/api"
)

// shortID is how many characters of a fingerprint are shown: enough to tell one
// drift from another.
const shortID = 12

// Acknowledged shows of which stacks the drift was just acknowledged, or is not
// any more.
func (v *View) Acknowledged(all []api.Acknowledgement, isRevoked bool) {
	event, line := "acknowledged", "Acknowledged: "+someOf(all)+"."
	switch {
	case isRevoked:
		event, line = "revoked", "Taken back: "+someOf(all)+". What is still not as declared is told again."
	case len(all) > 0:
		line += " It is not told again before " + all[0].Until.Local().Format(time.DateTime) + ", unless it becomes another drift."
	}
	if v.json {
		v.message("info", "acknowledgement", line, message{"event": event, "acknowledgements": all})
		return
	}
	v.Print("%s\n", v.out.wrap(visible(line), 0))
}

// someOf names the first of what it is about.
func someOf(all []api.Acknowledgement) string {
	const shown = 3
	var names []string
	for _, a := range all[:min(shown, len(all))] {
		name := a.Task
		if a.Stack != "" {
			name = a.Stack + " of " + a.Task
		}
		names = append(names, name)
	}
	if len(all) > shown {
		names = append(names, fmt.Sprintf("%d more", len(all)-shown))
	}
	if len(names) == 0 {
		return "nothing"
	}
	return listed(names)
}

// writeAcknowledgement says who knows of a drift, until when that is enough, and
// why.
func (v *View) writeAcknowledgement(b *strings.Builder, s api.Stack) {
	if !isAcknowledged(s) {
		return
	}
	by := s.Drift.Acknowledged
	line := fmt.Sprintf("acknowledged by %s %s, until %s: %s", by.By, v.ago(by.At), by.Until.Local().Format(time.DateTime), by.Reason)
	fmt.Fprintf(b, "      %s\n", v.out.paint(cyan, v.out.hang(visible(line), 6)))
}

func isAcknowledged(s api.Stack) bool { return s.Drift != nil && s.Drift.Acknowledged != nil }
