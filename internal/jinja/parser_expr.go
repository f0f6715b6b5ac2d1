package jinja

import (
	"slices"
	"strconv"
	"strings"
)

// expression reads an expression, from the loosest operator to the tightest:
// if-else, or, and, not, comparisons, + and -, ~, *, **, signs, filters.
func (p *parser) expression() (e expr, err error) {
	err = p.deeper(func() error {
		e, err = p.conditional()
		return err
	})
	return e, err
}

// operator counts one, as the evaluator calls itself for each.
func (p *parser) operator() error {
	if p.operators++; p.operators > maxOperators {
		at := p.peek().at
		return &Error{Summary: summaryLimit, Name: p.name, Line: at.line, Column: at.column, Detail: "the expression has more than " + strconv.Itoa(maxOperators) + " operators; take it apart with {% set %}"}
	}
	return nil
}

// tuple reads one expression, or several with commas between them.
func (p *parser) tuple(conditional bool) (expr, error) {
	p.operators = 0
	one := p.expression
	if !conditional {
		one = p.or // as an "if" would belong to the loop
	}
	first, err := one()
	if err != nil || !p.peek().is(",") {
		return first, err
	}
	list := &listExpr{at: first.position(), tuple: true, items: []expr{first}}
	for p.skip(",") {
		if k := p.peek().kind; k == kindOutputEnd || k == kindBlockEnd {
			break
		}
		e, err := one()
		if err != nil {
			return nil, err
		}
		list.items = append(list.items, e)
	}
	return list, nil
}

func (p *parser) conditional() (expr, error) {
	e, err := p.or()
	for err == nil && p.peek().is("if") {
		at := p.take().at
		c := &conditionalExpr{at: at, then: e}
		if c.condition, err = p.or(); err != nil {
			return nil, err
		}
		if p.skip("else") {
			if c.otherwise, err = p.expression(); err != nil {
				return nil, err
			}
		}
		if err := p.operator(); err != nil {
			return nil, err
		}
		e = c
	}
	return e, err
}

// binary reads operands of the next tighter level with operators between
// them.
func (p *parser) binary(operand func() (expr, error), operators ...string) (expr, error) {
	left, err := operand()
	for err == nil {
		t := p.peek()
		if !isOneOf(t, operators) {
			return left, nil
		}
		p.pos++
		if err := p.operator(); err != nil {
			return nil, err
		}
		var right expr
		if right, err = operand(); err == nil {
			left = &binaryExpr{at: t.at, operator: t.text, left: left, right: right}
		}
	}
	return nil, err
}

func isOneOf(t token, texts []string) bool {
	return slices.ContainsFunc(texts, t.is)
}

func (p *parser) or() (expr, error)  { return p.binary(p.and, "or") }
func (p *parser) and() (expr, error) { return p.binary(p.not, "and") }

func (p *parser) not() (e expr, err error) {
	t := p.peek()
	if !t.is("not") {
		return p.compare()
	}
	p.pos++
	err = p.deeper(func() error { e, err = p.not(); return err })
	return &unaryExpr{at: t.at, operator: "not", operand: e}, err
}

func (p *parser) compare() (expr, error) {
	first, err := p.sum()
	if err != nil {
		return nil, err
	}
	c := &compareExpr{first: first}
	for {
		t := p.peek()
		operator := t.text
		switch {
		case isOneOf(t, []string{"==", "!=", "<", "<=", ">", ">=", "in"}):
			p.pos++
		case t.is("not") && p.tokens[p.pos+1].is("in"):
			p.pos += 2
			operator = "not in"
		case len(c.rest) == 0:
			return first, nil
		default:
			return c, nil
		}
		if err := p.operator(); err != nil {
			return nil, err
		}
		right, err := p.sum()
		if err != nil {
			return nil, err
		}
		c.rest = append(c.rest, comparison{t.at, operator, right})
	}
}

func (p *parser) sum() (expr, error)     { return p.binary(p.concat, "+", "-") }
func (p *parser) concat() (expr, error)  { return p.binary(p.product, "~") }
func (p *parser) product() (expr, error) { return p.binary(p.power, "*", "/", "//", "%") }
func (p *parser) power() (expr, error) {
	return p.binary(func() (expr, error) { return p.unary(true) }, "**")
}

func (p *parser) unary(withFilters bool) (e expr, err error) {
	if t := p.peek(); t.is("-") || t.is("+") {
		p.pos++
		err = p.deeper(func() error { e, err = p.unary(false); return err })
		e = &unaryExpr{at: t.at, operator: t.text, operand: e}
	} else {
		e, err = p.primary()
	}
	if err == nil {
		e, err = p.postfix(e)
	}
	if err == nil && withFilters {
		e, err = p.filtersAndTests(e)
	}
	return e, err
}

func (p *parser) primary() (expr, error) {
	t := p.take()
	switch t.kind {
	case kindName:
		return p.nameOrConstant(t), nil
	case kindString:
		var b strings.Builder
		b.WriteString(t.text)
		for p.peek().kind == kindString { // one after another are one
			b.WriteString(p.take().text)
		}
		return &literalExpr{t.at, b.String()}, nil
	case kindInteger:
		return integerLiteral(t)
	case kindFloat:
		f, err := strconv.ParseFloat(t.text, 64)
		if err != nil {
			return nil, invalid(t.at, "%q is no number", t.text)
		}
		return &literalExpr{t.at, f}, nil
	case kindOperator:
		switch t.text {
		case "(":
			return p.parenthesis(t)
		case "[":
			items, err := p.items("]")
			return &listExpr{at: t.at, items: items}, err
		case "{":
			return p.dict(t)
		}
	}
	return nil, invalid(t.at, "an expression is expected here, and not %s", t)
}

func integerLiteral(t token) (expr, error) {
	text, base := t.text, 10
	if len(text) > 2 && text[0] == '0' && strings.ContainsRune("xXoObB", rune(text[1])) {
		base = 0
	}
	n, err := strconv.ParseInt(text, base, 64)
	if err != nil {
		return nil, invalid(t.at, "%q is no integer of 64 bits", t.text)
	}
	return &literalExpr{t.at, n}, nil
}

func (p *parser) nameOrConstant(t token) expr {
	switch t.text {
	case "true", "True":
		return &literalExpr{t.at, true}
	case "false", "False":
		return &literalExpr{t.at, false}
	case "none", "None":
		return &literalExpr{t.at, nil}
	}
	if n := len(p.macros); n > 0 {
		p.macros[n-1].uses(t.text)
	}
	return &nameExpr{t.at, t.text}
}

// parenthesis reads a tuple, or an expression in parentheses.
func (p *parser) parenthesis(t token) (expr, error) {
	items, err := p.items(")")
	if err != nil {
		return nil, err
	}
	if len(items) == 1 && !p.tokens[p.pos-2].is(",") {
		return items[0], nil
	}
	return &listExpr{at: t.at, tuple: true, items: items}, nil
}

// items reads expressions up to the closing bracket.
func (p *parser) items(closing string) ([]expr, error) {
	var items []expr
	for !p.skip(closing) {
		if len(items) > 0 {
			if err := p.expect(","); err != nil {
				return nil, err
			}
			if p.skip(closing) {
				break
			}
		}
		e, err := p.expression()
		if err != nil {
			return nil, err
		}
		items = append(items, e)
	}
	return items, nil
}

func (p *parser) dict(t token) (expr, error) {
	d := &dictExpr{at: t.at}
	for !p.skip("}") {
		if len(d.keys) > 0 {
			if err := p.expect(","); err != nil {
				return nil, err
			}
			if p.skip("}") {
				break
			}
		}
		key, err := p.expression()
		if err != nil {
			return nil, err
		}
		if err := p.expect(":"); err != nil {
			return nil, err
		}
		value, err := p.expression()
		if err != nil {
			return nil, err
		}
		d.keys, d.values = append(d.keys, key), append(d.values, value)
	}
	return d, nil
}
