package plugin

import "github.com/zclconf/go-cty/cty"

// Action is what a change does to the thing that a task describes.
type Action string

// The actions. Run is for a task that does something rather than brings
// something into a state, such as a command.
const (
	NoOp    Action = "no-op"
	Create  Action = "create"
	Update  Action = "update"
	Replace Action = "replace"
	Delete  Action = "delete"
	Run     Action = "run"
	// Forget is of an entry alone: the thing is not to be managed any more, and
	// stays as it is.
	Forget Action = "forget"
)

// Fidelity says how sure a planned change is.
type Fidelity string

// From the surest to the least sure.
const (
	Exact           Fidelity = "exact"             // Apply does precisely this
	Predicted       Fidelity = "predicted"         // a tool's own simulation says so
	KnownAfterApply Fidelity = "known after apply" // an input isn't known yet
	Opaque          Fidelity = "opaque"            // runs something that can't be looked into
)

// Change is what a task would do, as data.
type Change struct {
	Action   Action
	Fidelity Fidelity

	// Before and After have the type of the task's schema. After is what
	// others see of the task: the configuration and all computed attributes,
	// unknown where only Apply can tell. Before is the same with what the
	// host has now in place of what the task would change; it is null where
	// there is nothing yet. Where both are equal nothing needs to be done.
	Before, After cty.Value

	// Text is the content of a file before and after, for a diff.
	Text *Text

	// Reasons are short phrases that say why, such as the name of an
	// attribute that differs.
	Reasons []string

	// Warnings are sentences the user should read before applying.
	Warnings []string

	// Findings are things that are not as declared below the level of the
	// task, such as the stacks of a Terraform task.
	Findings []Finding

	// ReportOnly says that the change is told and never applied, although the
	// task is enforced.
	ReportOnly bool

	// Payload is what Apply needs beside the values. The core keeps it for
	// the time between Plan and Apply and never shows it.
	Payload []byte
}

// Between returns the change that leads from before to after, which Apply will
// do precisely: to create where before is null, nothing where both are equal,
// else to update.
func Between(before, after cty.Value) Change {
	c := Change{Action: Update, Fidelity: Exact, Before: before, After: after}
	switch {
	case before.RawEquals(after):
		c.Action = NoOp
	case before.IsNull():
		c.Action = Create
	}
	return c
}

// Due is the beginning of Apply: it takes what the host has now, as Before had
// it, and reports whether the change is still to be made. Where it isn't, the
// values it returns are those of Apply: the change was made already, the host
// has moved on since the plan, or diags say why that can't be told.
func (c Change) Due(now cty.Value, diags Diagnostics) (cty.Value, Diagnostics, bool) {
	switch {
	case diags.HasErrors(), now.RawEquals(c.After):
		return now, diags, false
	case !now.RawEquals(c.Before):
		return now, append(diags, Error(nil, "Changed since the plan", "The host no longer has what the change was planned from. Plan again.")...), false
	}
	return now, diags, true
}

// Text is the content of a file on both sides of a change.
type Text struct {
	Attribute     string // the attribute of the schema that the text stands for
	Path          string
	Before, After []byte
	// Unknown says that After can't be known before Apply.
	Unknown bool
}

// Finding is one thing that a detecting task found.
type Finding struct {
	Name    string    // what it is about, such as the path of a stack
	Verdict string    // one word: clean, drifted, pending, error, ...
	Summary string    // one line for a reader
	Detail  []Entry   // the parts, such as resources
	Value   cty.Value // the same as data
}

// Entry is one part of a finding.
type Entry struct {
	Name       string   // the address of a resource
	Class      string   // drift, pending, both
	Action     Action   // what happened to it, or would
	Attributes []Differ // what differs, safe to show
}

// Differ is one attribute with two values, as text that is safe to show.
type Differ struct {
	Path          string
	Before, After string
}
