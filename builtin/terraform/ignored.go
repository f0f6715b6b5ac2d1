package terraform

import (
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
)

// ignored is a difference that is accepted, or a part of one. Its values are
// nobody's concern: they are not kept.
type ignored struct {
	address    string
	class      class
	action     plugin.Action
	attributes []string // that differ; empty where it is about the resource as a whole
	by         acceptance
}

// acceptance is what accepts a difference: a rule of the task, or a line of the
// file of the stack.
type acceptance struct {
	line                   int    // of the file, from 1; 0: it is a rule
	pattern                string // the address of the rule, or the line
	reason, owner, expires string // of a rule
}

// ignoredBy is the part of an entry that one rule or line accepts.
func (e entry) ignoredBy(by acceptance, attributes []attribute) ignored {
	part := ignored{address: e.address, class: e.class, action: e.action, by: by}
	for _, a := range attributes {
		if a.class != effect {
			part.attributes = append(part.attributes, a.path)
		}
	}
	return part
}

// ignoredValue is what is ignored as data.
func ignoredValue(parts []ignored) cty.Value {
	if len(parts) == 0 {
		return cty.ListValEmpty(cty.EmptyObject)
	}
	all := make([]cty.Value, len(parts))
	for i, part := range parts {
		attributes := cty.ListValEmpty(cty.String)
		if len(part.attributes) > 0 {
			attributes = listOf(part.attributes...)
		}
		all[i] = cty.ObjectVal(map[string]cty.Value{
			"address": cty.StringVal(part.address), "class": cty.StringVal(string(part.class)), "action": cty.StringVal(string(part.action)),
			"attributes": attributes, "line": count(part.by.line), "pattern": cty.StringVal(part.by.pattern),
			"reason": cty.StringVal(part.by.reason), "owner": cty.StringVal(part.by.owner), "expires": cty.StringVal(part.by.expires),
		})
	}
	return cty.ListVal(all)
}
