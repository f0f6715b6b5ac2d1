package jinja

import (
	"slices"
	"strings"
)

// parser makes a tree of the tokens of one template. Its methods return at
// their first mistake.
type parser struct {
	run       *run
	name      string
	tokens    []token
	pos       int
	depth     int // of brackets and blocks
	operators int // of the expression that is being read
	blocks    map[string]*blockStmt
	macros    []*macroStmt                         // that are being read, the innermost last
	loops     int                                  // that are being read, within the innermost macro
	read      map[string]func(token) (stmt, error) // by the name of the tag
}

func newParser(r *run, name string, tokens []token) *parser {
	p := &parser{run: r, name: name, tokens: tokens, blocks: map[string]*blockStmt{}}
	p.read = p.statements()
	return p
}

func (p *parser) template() (*template, error) {
	body, _, err := p.body("")
	if err != nil {
		return nil, err
	}
	return &template{name: p.name, body: body, blocks: p.blocks}, nil
}

func (p *parser) peek() token { return p.tokens[p.pos] }

func (p *parser) take() token {
	t := p.tokens[p.pos]
	if t.kind != kindEnd {
		p.pos++
	}
	return t
}

// skip takes the next token if it is the operator or name.
func (p *parser) skip(text string) bool {
	if p.peek().is(text) {
		p.pos++
		return true
	}
	return false
}

func (p *parser) expect(text string) error {
	if p.skip(text) {
		return nil
	}
	t := p.peek()
	return invalid(t.at, "%q is expected here, and not %s", text, t)
}

func (p *parser) identifier() (token, error) {
	t := p.peek()
	if t.kind != kindName {
		return t, invalid(t.at, "a name is expected here, and not %s", t)
	}
	p.pos++
	return t, nil
}

func (p *parser) end(k kind) error {
	t := p.peek()
	if t.kind == k {
		p.pos++
		return nil
	}
	closing := "%}"
	if k == kindOutputEnd {
		closing = "}}"
	}
	return invalid(t.at, "%s is expected here, and not %s", closing, t)
}

// deeper runs read one level deeper, as the parser and the evaluator call
// themselves for each level.
func (p *parser) deeper(read func() error) error {
	if p.depth >= maxDepth {
		return &Error{Summary: summaryLimit, Name: p.name, Line: p.peek().at.line, Column: p.peek().at.column, Detail: "brackets and blocks lie too deep in each other"}
	}
	p.depth++
	defer func() { p.depth-- }()
	return read()
}

// body reads up to a tag with one of the names, whose name it takes. No names
// stand for the end of the template.
func (p *parser) body(opener string, ends ...string) ([]stmt, string, error) {
	start := p.peek().at
	var body []stmt
	for {
		switch t := p.take(); t.kind {
		case kindEnd:
			if len(ends) > 0 {
				return nil, "", invalid(start, "the block %q is not closed; end it with {%% %s %%}", opener, ends[len(ends)-1])
			}
			return body, "", nil
		case kindData:
			body = append(body, &dataStmt{text: t.text})
		case kindOutput:
			e, err := p.wholeExpression(kindOutputEnd)
			if err != nil {
				return nil, "", err
			}
			body = append(body, &outputStmt{e})
		case kindBlock:
			name, err := p.identifier()
			if err != nil {
				return nil, "", err
			}
			if slices.Contains(ends, name.text) {
				return body, name.text, nil
			}
			s, err := p.statement(name)
			if err != nil {
				return nil, "", err
			}
			body = append(body, s)
		}
	}
}

// wholeExpression reads an expression, which may be a tuple, and the end of
// its tag.
func (p *parser) wholeExpression(end kind) (expr, error) {
	e, err := p.tuple(true)
	if err != nil {
		return nil, err
	}
	return e, p.end(end)
}

// statement reads a tag after its name.
func (p *parser) statement(name token) (s stmt, err error) {
	read, known := p.read[name.text]
	if !known {
		return nil, p.unknownTag(name)
	}
	err = p.deeper(func() error {
		p.operators = 0
		s, err = read(name)
		return err
	})
	return s, err
}

func (p *parser) statements() map[string]func(token) (stmt, error) {
	return map[string]func(token) (stmt, error){
		"if": p.ifStmt, "for": p.forStmt, "set": p.setStmt, "with": p.withStmt, "do": p.doStmt,
		"break": p.leaveStmt, "continue": p.leaveStmt,
		"macro": p.macroStmt, "call": p.callStmt, "filter": p.filterStmt,
		"block": p.blockStmt, "extends": p.extendsStmt, "include": p.includeStmt, "import": p.importStmt, "from": p.fromStmt,
	}
}

func (p *parser) unknownTag(name token) error {
	if strings.HasPrefix(name.text, "end") || name.text == "else" || name.text == "elif" {
		return invalid(name.at, "there is no block here that {%% %s %%} belongs to", name.text)
	}
	return invalid(name.at, "there is no tag %q%s", name.text, didYouMean(name.text, p.read))
}

// bodyOf reads the body of a block and the closing of its end.
func (p *parser) bodyOf(opener string, end string) ([]stmt, error) {
	body, _, err := p.body(opener, end)
	if err != nil {
		return nil, err
	}
	return body, p.end(kindBlockEnd)
}

func (p *parser) ifStmt(name token) (stmt, error) {
	s := &ifStmt{}
	for {
		condition, err := p.expression()
		if err != nil {
			return nil, err
		}
		if err := p.end(kindBlockEnd); err != nil {
			return nil, err
		}
		body, end, err := p.body(name.text, "elif", "else", "endif")
		if err != nil {
			return nil, err
		}
		s.branches = append(s.branches, branch{condition, body})
		switch end {
		case "elif":
			p.operators = 0
			continue
		case "endif":
			return s, p.end(kindBlockEnd)
		}
		if err := p.end(kindBlockEnd); err != nil {
			return nil, err
		}
		s.otherwise, err = p.bodyOf(name.text, "endif")
		return s, err
	}
}

func (p *parser) forStmt(name token) (stmt, error) {
	s := &forStmt{at: name.at}
	var err error
	if s.target, err = p.target(false); err != nil {
		return nil, err
	}
	if err := p.expect("in"); err != nil {
		return nil, err
	}
	if s.list, err = p.tuple(false); err != nil {
		return nil, err
	}
	if p.skip("if") {
		if s.filter, err = p.expression(); err != nil {
			return nil, err
		}
	}
	s.recursive = p.skip("recursive")
	if err := p.end(kindBlockEnd); err != nil {
		return nil, err
	}
	p.loops++
	body, end, err := p.body(name.text, "else", "endfor")
	p.loops--
	if err != nil {
		return nil, err
	}
	s.body = body
	if err := p.end(kindBlockEnd); err != nil || end == "endfor" {
		return s, err
	}
	s.otherwise, err = p.bodyOf(name.text, "endfor")
	return s, err
}

// target reads what a loop or an assignment sets: a name, several, or where
// withMember is set a member of a namespace.
func (p *parser) target(withMember bool) (target, error) {
	var all []target
	for {
		t, err := p.oneTarget(withMember)
		if err != nil {
			return target{}, err
		}
		all = append(all, t)
		if !p.skip(",") || p.peek().is(")") || p.peek().is("in") || p.peek().is("=") {
			break
		}
	}
	if len(all) == 1 && !p.tokens[p.pos-1].is(",") {
		return all[0], nil
	}
	return target{at: all[0].at, several: all}, nil
}

func (p *parser) oneTarget(withMember bool) (t target, err error) {
	if p.skip("(") {
		err = p.deeper(func() error { t, err = p.target(withMember); return err })
		if err == nil {
			err = p.expect(")")
		}
		return t, err
	}
	name, err := p.identifier()
	if err != nil {
		return t, err
	}
	t = target{at: name.at, name: name.text}
	if withMember && p.skip(".") {
		member, err := p.identifier()
		t.member = member.text
		return t, err
	}
	if slices.Contains(constants[:], name.text) {
		return t, invalid(name.at, "%q can't be set", name.text)
	}
	return t, nil
}

// constants are names with a value of their own.
var constants = [...]string{"true", "false", "none", "True", "False", "None"}

func (p *parser) setStmt(name token) (stmt, error) {
	t, err := p.target(true)
	if err != nil {
		return nil, err
	}
	if p.skip("=") {
		e, err := p.wholeExpression(kindBlockEnd)
		return &setStmt{target: t, value: e}, err
	}
	filters, err := p.filterChain()
	if err != nil {
		return nil, err
	}
	if err := p.end(kindBlockEnd); err != nil {
		return nil, err
	}
	body, err := p.bodyOf(name.text, "endset")
	return &captureStmt{target: &t, filters: filters, body: body}, err
}
