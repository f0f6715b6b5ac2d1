package jinja

import (
	"strconv"
	"strings"
)

// postfix reads members, items and calls after a primary expression.
func (p *parser) postfix(e expr) (expr, error) {
	for {
		t := p.peek()
		var err error
		switch {
		case t.is("."):
			p.pos++
			e, err = p.member(e)
		case t.is("["):
			p.pos++
			e, err = p.item(e, t)
		case t.is("("):
			p.pos++
			e, err = p.call(e, t)
		default:
			return e, nil
		}
		if err == nil {
			err = p.operator()
		}
		if err != nil {
			return nil, err
		}
	}
}

func (p *parser) member(e expr) (expr, error) {
	t := p.take()
	switch t.kind {
	case kindName:
		return &memberExpr{at: t.at, of: e, name: t.text}, nil
	case kindInteger:
		n, err := strconv.ParseInt(t.text, 10, 64)
		if err == nil {
			return &itemExpr{at: t.at, of: e, key: &literalExpr{t.at, n}}, nil
		}
	}
	return nil, invalid(t.at, "a name is expected after the dot, and not %s", t)
}

func (p *parser) item(e expr, bracket token) (expr, error) {
	var parts [3]expr
	part, colons := 0, 0
	for !p.skip("]") {
		if p.skip(":") {
			if colons++; colons > 2 {
				return nil, invalid(bracket.at, "a slice has at most two colons")
			}
			part = colons
			continue
		}
		if parts[part] != nil {
			t := p.peek()
			return nil, invalid(t.at, `"]" is expected here, and not %s`, t)
		}
		var err error
		if parts[part], err = p.expression(); err != nil {
			return nil, err
		}
	}
	if colons > 0 {
		return &sliceExpr{at: bracket.at, of: e, bounds: parts}, nil
	}
	if parts[0] == nil {
		return nil, invalid(bracket.at, "the brackets hold no key")
	}
	return &itemExpr{at: bracket.at, of: e, key: parts[0]}, nil
}

func (p *parser) call(e expr, bracket token) (expr, error) {
	arguments, err := p.arguments()
	return &callExpr{at: bracket.at, of: e, arguments: arguments}, err
}

// arguments reads what follows the opening bracket of a call.
func (p *parser) arguments() (arguments, error) {
	var a arguments
	for first := true; !p.skip(")"); first = false {
		if !first {
			if err := p.expect(","); err != nil {
				return a, err
			}
			if p.skip(")") {
				break
			}
		}
		if err := p.argument(&a); err != nil {
			return a, err
		}
	}
	return a, nil
}

func (p *parser) argument(a *arguments) (err error) {
	t := p.peek()
	switch {
	case p.skip("*"):
		a.list, err = p.expression()
		return err
	case p.skip("**"):
		a.dict, err = p.expression()
		return err
	case t.kind == kindName && p.tokens[p.pos+1].is("="):
		p.pos += 2
		e, err := p.expression()
		a.names, a.named = append(a.names, t.text), append(a.named, e)
		return err
	}
	if len(a.names) > 0 {
		return invalid(t.at, "an argument without a name follows one with a name")
	}
	e, err := p.expression()
	a.positional = append(a.positional, e)
	return err
}

func (p *parser) filtersAndTests(e expr) (expr, error) {
	for {
		t := p.peek()
		var err error
		switch {
		case t.is("|"):
			p.pos++
			e, err = p.oneFilter(e)
		case t.is("is"):
			p.pos++
			e, err = p.test(e)
		case t.is("("):
			p.pos++
			e, err = p.call(e, t)
		default:
			return e, nil
		}
		if err == nil {
			err = p.operator()
		}
		if err != nil {
			return nil, err
		}
	}
}

// builtinName reads the name of a filter or a test, which may be the full one
// that Ansible has for it.
func (p *parser) builtinName() (token, error) {
	name, err := p.identifier()
	for err == nil && p.skip(".") {
		var part token
		part, err = p.identifier()
		name.text += "." + part.text
	}
	name.text = unqualified(name.text)
	return name, err
}

func unqualified(name string) string { return strings.TrimPrefix(name, "ansible.builtin.") }

// oneFilter reads a filter that is applied to e.
func (p *parser) oneFilter(e expr) (*filterExpr, error) {
	name, err := p.builtinName()
	if err != nil {
		return nil, err
	}
	f, known := p.run.filters[name.text]
	if !known {
		return nil, invalid(name.at, "there is no filter %q%s", name.text, didYouMean(name.text, p.run.filters))
	}
	node := &filterExpr{at: name.at, name: name.text, filter: f, of: e}
	if p.skip("(") {
		node.arguments, err = p.arguments()
	}
	return node, err
}

// test reads what follows "is".
func (p *parser) test(e expr) (expr, error) {
	negated := p.skip("not")
	name, err := p.builtinName()
	if err != nil {
		return nil, err
	}
	t, known := p.run.tests[name.text]
	if !known {
		return nil, invalid(name.at, "there is no test %q%s", name.text, didYouMean(name.text, p.run.tests))
	}
	node := &testExpr{at: name.at, name: name.text, test: t, of: e, negated: negated}
	next := p.peek()
	switch {
	case p.skip("("):
		node.arguments, err = p.arguments()
	case startsOperand(next) && !isOneOf(next, []string{"else", "or", "and", "is", "if", "in", "not", "recursive", "with", "without", "ignore"}):
		var argument expr
		if argument, err = p.primary(); err == nil {
			argument, err = p.postfix(argument)
		}
		node.arguments.positional = []expr{argument}
	}
	return node, err
}

func startsOperand(t token) bool {
	switch t.kind {
	case kindName, kindString, kindInteger, kindFloat:
		return true
	}
	return t.is("[") || t.is("{")
}
