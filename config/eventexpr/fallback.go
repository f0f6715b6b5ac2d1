package eventexpr

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config/lang"
	"github.com/driftless-hq/driftless/plugin/event"
)

// fallback has HCL evaluate an expression for each event. Of the event it
// builds only what the expression refers to.
func (c *compiler) fallback(expr hcl.Expression) node {
	c.diags = append(c.diags, &hcl.Diagnostic{
		Severity: hcl.DiagWarning,
		Summary:  "Expression is not compiled",
		Detail: "This part of the expression is evaluated anew for every event, which is many times slower than the rest. " +
			"Operators, conditions, templates and the functions can(regex()), coalesce, contains, endswith, length, lower, " +
			"startswith, strcontains and upper are fast.",
		Subject: expr.Range().Ptr(),
	})
	ctx, members := c.ctx, referenced(expr)
	return func(b *event.Batch, i int) event.Value {
		v, diags := evaluate(expr, lang.WithAccount(ctx), object(b, i, members)) // each event has an account of its own
		if diags.HasErrors() {
			return event.Value{}
		}
		return fromCty(v)
	}
}

// member makes one attribute of the object that an event is for HCL.
type member struct {
	name string
	make func(b *event.Batch, i int) cty.Value
}

func newMember(name string) member {
	switch name {
	case "meta":
		return member{name, metaObject}
	case "labels":
		return member{name, labelsObject}
	}
	field := scalarField(name)
	return member{name, func(b *event.Batch, i int) cty.Value { return toCty(field(b, i)) }}
}

// referenced returns the members that an expression refers to, or nil for
// all of them.
func referenced(expr hcl.Expression) []member {
	seen := map[string]bool{}
	var members []member
	for _, traversal := range expr.Variables() {
		if traversal.RootName() != root {
			continue
		}
		if len(traversal) == 1 {
			return nil
		}
		first, ok := asStep(traversal[1])
		if !ok {
			return nil
		}
		if !seen[first.name] {
			seen[first.name] = true
			members = append(members, newMember(first.name))
		}
	}
	return members
}

func object(b *event.Batch, i int, members []member) cty.Value {
	if members == nil {
		members = all(b, i)
	}
	values := make(map[string]cty.Value, len(members))
	for _, m := range members {
		values[m.name] = m.make(b, i)
	}
	return cty.ObjectVal(values)
}

func all(b *event.Batch, i int) []member {
	members := []member{newMember("kind"), newMember("message"), newMember("timestamp"), newMember("meta")}
	if family, _ := b.Metric(i); family != nil {
		return append(members, newMember("name"), newMember("type"), newMember("value"), newMember("labels"))
	}
	for j := range b.NumFields(i) {
		if id, _ := b.FieldAt(i, j); b.Name(id) != "meta" {
			members = append(members, newMember(b.Name(id)))
		}
	}
	return members
}

func metaObject(b *event.Batch, i int) cty.Value {
	return cty.ObjectVal(map[string]cty.Value{
		"source": toCty(metaSource(b, i)),
		"path":   toCty(metaPath(b, i)),
		"offset": toCty(metaOffset(b, i)),
	})
}

func labelsObject(b *event.Batch, i int) cty.Value {
	if family, _ := b.Metric(i); family == nil {
		return toCty(event.NewRef("labels").Field(b, i))
	}
	labels := make(map[string]cty.Value, b.NumFields(i))
	for j := range b.NumFields(i) {
		id, v := b.FieldAt(i, j)
		labels[b.Name(id)] = toCty(v)
	}
	return cty.ObjectVal(labels)
}
