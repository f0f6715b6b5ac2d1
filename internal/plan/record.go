package plan

import (
	"encoding/json"
	"math/big"
	"slices"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/internal/diff"
	"github.com/driftless-hq/driftless/plugin"
)

// Record is a step in the form in which it leaves the process: as JSON, and
// as what the human view draws from. Nothing sensitive is in it.
type Record struct {
	Address      addr.Addr       `json:"address"`
	With         []addr.Addr     `json:"with,omitempty"`
	Kind         string          `json:"kind"`
	Action       plugin.Action   `json:"action"`
	Fidelity     plugin.Fidelity `json:"fidelity,omitempty"`
	State        State           `json:"state"`
	DetectOnly   bool            `json:"detect_only,omitempty"`
	Conditional  bool            `json:"conditional,omitempty"`
	Unjudged     bool            `json:"unjudged,omitempty"` // conditions are judged in apply
	TriggeredBy  []string        `json:"triggered_by,omitempty"`
	Awaits       []addr.Addr     `json:"awaits,omitempty"` // what may yet trigger it
	Idle         bool            `json:"idle,omitempty"`   // nothing triggers it
	Before       any             `json:"before"`
	After        any             `json:"after"`
	AfterUnknown any             `json:"after_unknown"`
	Diff         string          `json:"diff,omitempty"`
	Reasons      []string        `json:"reasons,omitempty"`
	Warnings     []string        `json:"warnings,omitempty"`
	Findings     []FindingRecord `json:"findings,omitempty"`
	Cause        *addr.Addr      `json:"cause,omitempty"`

	Attributes []AttributeDiff `json:"-"` // for people
	Hunks      []diff.Hunk     `json:"-"` // of the text, for people
	TextNote   string          `json:"-"` // instead of a diff
}

// diffContext is how many unchanged lines a diff shows around a change.
const diffContext = 3

// FindingRecord is a [plugin.Finding] in its outward form.
type FindingRecord struct {
	Name      string          `json:"name"`
	Verdict   string          `json:"verdict"`
	Summary   string          `json:"summary"`
	Resources []EntryRecord   `json:"resources,omitempty"`
	Remedy    *Remedy         `json:"remedy,omitempty"` // nil: there is none
	Ignored   []IgnoredRecord `json:"-"`                // for those who ask; it is nothing to be told

	Value cty.Value `json:"-"` // for metrics
}

// EntryRecord is a [plugin.Entry] in its outward form.
type EntryRecord struct {
	Name       string         `json:"name"`
	Class      string         `json:"class"`
	Action     plugin.Action  `json:"action"`
	Attributes []DifferRecord `json:"attributes,omitempty"`
}

// DifferRecord is a [plugin.Differ] in its outward form.
type DifferRecord struct {
	Path   string `json:"path"`
	Before string `json:"before"`
	After  string `json:"after"`
}

// AttributeDiff is one attribute that changes, each side as it would be
// written in a configuration.
type AttributeDiff struct {
	Name          string
	Before, After string
	// Learnt says that the task computes the attribute, and that it isn't
	// declared.
	Learnt bool
}

// learns reports whether an attribute is computed by the tasks of the step.
func (s *Step) learns(name string) bool {
	return slices.ContainsFunc(s.members, func(m member) bool {
		a, ok := m.node.Type.Schema.Attribute(name)
		return ok && a.Computed
	})
}

// Record draws up the outward form of a step.
func (s *Step) Record() Record {
	c := s.Change
	r := Record{
		Address: s.Addr, With: s.With, Kind: s.Type,
		Action: c.Action, Fidelity: c.Fidelity, State: s.State,
		DetectOnly: s.DetectOnly, Conditional: s.Conditional, Unjudged: s.Unjudged,
		TriggeredBy: s.occasions(), Awaits: s.awaited(), Idle: s.Idle,
		Reasons: hideAll(s.hidden, c.Reasons), Warnings: hideAll(s.hidden, c.Warnings),
		Findings: findingRecords(hideFindings(s.hidden, c.Findings)),
	}
	if s.State == Skipped {
		r.Cause = &s.Cause
	}
	if r.Action == "" { // it was not planned
		r.Action = plugin.NoOp
	}
	if c.After == cty.NilVal || c.Before == cty.NilVal {
		return r
	}
	before, after := c.Before.MarkWithPaths(s.marks), c.After.MarkWithPaths(s.marks)
	r.Before, r.After, r.AfterUnknown = plain(before), plain(after), unknowns(after)
	if c.Action == plugin.NoOp {
		return r
	}
	if s.isHidden() {
		r.TextNote = "(what changes is sensitive)"
		return r
	}
	r.Attributes = s.attributeDiffs(c, before, after)
	s.addText(&r)
	return r
}

// isHidden reports whether a task of the step is sensitive as a whole, so that
// not even what would change is told.
func (s *Step) isHidden() bool {
	return slices.ContainsFunc(s.members, func(m member) bool { return m.node.Meta.Sensitive })
}

func (s *Step) addText(r *Record) {
	t := s.Change.Text
	switch {
	case t == nil:
	case s.Sensitive:
		r.TextNote = "(sensitive content)"
	case t.Unknown:
		r.TextNote = "(content known after apply)"
	case string(t.Before) != string(t.After):
		r.Diff = diff.Unified(t.Before, t.After, diff.Options{FromName: t.Path, ToName: t.Path})
		if diff.IsBinary(t.Before) || diff.IsBinary(t.After) {
			r.TextNote = r.Diff
			return
		}
		r.Hunks = diff.Hunks(t.Before, t.After, diffContext)
	}
}

func findingRecords(findings []plugin.Finding) []FindingRecord {
	var out []FindingRecord
	for _, f := range findings {
		record := FindingRecord{Name: f.Name, Verdict: f.Verdict, Summary: f.Summary, Value: f.Value, Remedy: remedyOf(f.Value), Ignored: ignoredOf(f.Value)}
		for _, e := range f.Detail {
			entry := EntryRecord{Name: e.Name, Class: e.Class, Action: e.Action}
			for _, d := range e.Attributes {
				entry.Attributes = append(entry.Attributes, DifferRecord(d))
			}
			record.Resources = append(record.Resources, entry)
		}
		out = append(out, record)
	}
	return out
}

// plain turns a value into what encoding/json writes. Unknown values and
// expressions are left out.
func plain(v cty.Value) any {
	switch {
	case v.IsMarked():
		return Masked
	case !v.IsKnown() || v.IsNull():
		return nil
	case v.Type().IsCapsuleType():
		return nil
	case v.Type() == cty.String:
		return v.AsString()
	case v.Type() == cty.Bool:
		return v.True()
	case v.Type() == cty.Number:
		return json.Number(numberText(v.AsBigFloat()))
	case v.Type().IsObjectType() || v.Type().IsMapType():
		out := make(map[string]any, v.LengthInt())
		for it := v.ElementIterator(); it.Next(); {
			key, element := it.Element()
			if element.IsKnown() && !element.Type().IsCapsuleType() {
				out[key.AsString()] = plain(element)
			}
		}
		return out
	default:
		out := make([]any, 0, v.LengthInt())
		for it := v.ElementIterator(); it.Next(); {
			_, element := it.Element()
			out = append(out, plain(element))
		}
		return out
	}
}

func numberText(n *big.Float) string { return n.Text('f', -1) }

// unknowns is true in the places of v that are not known, and has only those.
func unknowns(v cty.Value) any {
	if !v.IsKnown() {
		return true
	}
	out := map[string]any{}
	if v.IsMarked() || v.IsNull() || !(v.Type().IsObjectType() || v.Type().IsMapType()) {
		return out
	}
	for it := v.ElementIterator(); it.Next(); {
		key, element := it.Element()
		if !element.IsWhollyKnown() {
			out[key.AsString()] = true
		}
	}
	return out
}

// attributeDiffs lists the attributes that a reader should see: those that
// differ, and of something new those that are set.
func (s *Step) attributeDiffs(c plugin.Change, before, after cty.Value) []AttributeDiff {
	if after.IsNull() || !after.IsKnown() {
		return nil
	}
	var out []AttributeDiff
	names := make([]string, 0, len(after.Type().AttributeTypes()))
	for name := range after.Type().AttributeTypes() {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if c.Text != nil && c.Text.Attribute == name {
			continue
		}
		now, then := cty.NullVal(cty.DynamicPseudoType), after.GetAttr(name)
		if !before.IsNull() {
			if !before.Type().HasAttribute(name) {
				continue // of another task of the path
			}
			now = before.GetAttr(name)
		}
		if now.RawEquals(then) || now.IsNull() && then.IsKnown() && then.IsNull() || then.Type().IsCapsuleType() {
			continue
		}
		out = append(out, AttributeDiff{name, Text(now), Text(then), s.learns(name)})
	}
	return out
}

// Outward returns a value as it may leave the process: what encoding/json
// writes, with what is sensitive masked.
func Outward(v cty.Value) any { return plain(v) }
