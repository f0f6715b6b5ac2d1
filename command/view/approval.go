package view

import (
	"fmt"
	"strings"
	"time"

	"github.com/driftless-hq/driftless/agent/api"
	past "github.com/driftless-hq/driftless/internal/history"
	"github.com/driftless-hq/driftless/internal/plan"
	"github.com/driftless-hq/driftless/plugin"
)

// Approved shows a remedy that was just approved.
func (v *View) Approved(a api.Approval) {
	line := fmt.Sprintf("Approved, for %s of %s: to %s.", a.Stack, a.Task, doing(a.Remedy))
	if a.Granted != nil {
		line += " The agent checks it now. Should that not be the time to do it, the approval lasts until " + a.Granted.Until.Local().Format(time.DateTime) + "."
	}
	v.approval("approved", line, a)
}

// Revoked shows an approval that was taken back.
func (v *View) Revoked(a api.Approval) {
	v.approval("revoked", fmt.Sprintf("Taken back, for %s of %s: what is approved as %s. A check that has begun goes on with it.", a.Stack, a.Task, a.Remedy.ID), a)
}

func (v *View) approval(event, line string, a api.Approval) {
	if v.json {
		v.message("info", "approval", line, message{"event": event, "approval": a})
		return
	}
	v.Print("%s\n", v.out.wrap(visible(line), 0))
}

// writeApproval says of a remedy that takes an approval what it does, and how
// to approve it.
func (v *View) writeApproval(b *strings.Builder, s api.Stack) {
	line := ""
	switch {
	case s.Granted != nil:
		line = fmt.Sprintf("approved by %s %s: to %s", s.Granted.By, v.ago(s.Granted.At), doing(s.Remedy))
	case awaitsApproval(s):
		line = fmt.Sprintf("to %s: driftless approve %s", doing(s.Remedy), s.Remedy.ID)
	default:
		return
	}
	fmt.Fprintf(b, "      %s\n", v.out.paint(cyan, v.out.hang(visible(line), 6)))
}

func awaitsApproval(s api.Stack) bool { return s.Remedy.State == plan.RemedyAwaiting }

// doing says what a remedy does, as in "update a and b, and create c".
func doing(r past.Remedy) string {
	if len(r.Changes) == 0 {
		return "have it remedied"
	}
	var actions []plugin.Action // in the order in which they come
	names := make(map[plugin.Action][]string)
	for _, change := range r.Changes {
		action := change.Action
		if r.Strategy == "adopt" {
			action = "have the state take over" // whatever has happened to it
		}
		if names[action] == nil {
			actions = append(actions, action)
		}
		names[action] = append(names[action], change.Address)
	}
	var parts []string
	for _, action := range actions {
		parts = append(parts, string(action)+" "+listed(names[action]))
	}
	text := strings.Join(parts, ", and ")
	if r.Further > 0 {
		text += fmt.Sprintf(", and change %d more", r.Further)
	}
	return text
}

// listed puts names into a sentence.
func listed(names []string) string {
	last := len(names) - 1
	if last == 0 {
		return names[0]
	}
	return strings.Join(names[:last], ", ") + " and " + names[last]
}
