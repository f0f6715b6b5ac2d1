package jinja

func (p *parser) withStmt(name token) (stmt, error) {
	s := &withStmt{}
	for p.peek().kind != kindBlockEnd {
		if len(s.targets) > 0 {
			if err := p.expect(","); err != nil {
				return nil, err
			}
		}
		t, err := p.oneTarget(false)
		if err != nil {
			return nil, err
		}
		if err := p.expect("="); err != nil {
			return nil, err
		}
		e, err := p.expression()
		if err != nil {
			return nil, err
		}
		s.targets, s.values = append(s.targets, t), append(s.values, e)
	}
	p.pos++
	body, err := p.bodyOf(name.text, "endwith")
	s.body = body
	return s, err
}

func (p *parser) doStmt(token) (stmt, error) {
	e, err := p.wholeExpression(kindBlockEnd)
	return &doStmt{e}, err
}

func (p *parser) leaveStmt(name token) (stmt, error) {
	if p.loops == 0 {
		return nil, invalid(name.at, "{%% %s %%} is not in a loop", name.text)
	}
	if name.text == "break" {
		return &leaveStmt{errBreak}, p.end(kindBlockEnd)
	}
	return &leaveStmt{errContinue}, p.end(kindBlockEnd)
}

// parameters reads the parameters of a macro or a caller up to the closing
// bracket.
func (p *parser) parameters(m *macroStmt) error {
	for !p.skip(")") {
		if len(m.params) > 0 {
			if err := p.expect(","); err != nil {
				return err
			}
		}
		name, err := p.identifier()
		if err != nil {
			return err
		}
		param := macroParam{name: name.text}
		if p.skip("=") {
			if param.value, err = p.expression(); err != nil {
				return err
			}
		} else if n := len(m.params); n > 0 && m.params[n-1].value != nil {
			return invalid(name.at, "the parameter %q without a default follows one with a default", name.text)
		}
		m.params = append(m.params, param)
	}
	return nil
}

// macroBody reads the rest of a macro, or of a call block.
func (p *parser) macroBody(m *macroStmt, opener, end string) error {
	if err := p.end(kindBlockEnd); err != nil {
		return err
	}
	loops := p.loops
	p.loops = 0
	p.macros = append(p.macros, m)
	body, err := p.bodyOf(opener, end)
	p.macros = p.macros[:len(p.macros)-1]
	p.loops = loops
	m.body = body
	return err
}

func (p *parser) macroStmt(tag token) (stmt, error) {
	name, err := p.identifier()
	if err != nil {
		return nil, err
	}
	m := &macroStmt{at: name.at, name: name.text}
	if err := p.expect("("); err != nil {
		return nil, err
	}
	if err := p.parameters(m); err != nil {
		return nil, err
	}
	return m, p.macroBody(m, tag.text, "endmacro")
}

func (p *parser) callStmt(tag token) (stmt, error) {
	s := &callStmt{caller: &macroStmt{at: tag.at, name: "caller"}}
	if p.skip("(") {
		if err := p.parameters(s.caller); err != nil {
			return nil, err
		}
	}
	e, err := p.expression()
	if err != nil {
		return nil, err
	}
	call, ok := e.(*callExpr)
	if !ok {
		return nil, invalid(tag.at, "{%% call %%} needs a call, as in {%% call name() %%}")
	}
	s.call = call
	return s, p.macroBody(s.caller, tag.text, "endcall")
}

func (p *parser) filterStmt(tag token) (stmt, error) {
	first, err := p.oneFilter(nil)
	if err != nil {
		return nil, err
	}
	filters, err := p.filterChain()
	if err != nil {
		return nil, err
	}
	if err := p.end(kindBlockEnd); err != nil {
		return nil, err
	}
	body, err := p.bodyOf(tag.text, "endfilter")
	return &captureStmt{filters: append([]*filterExpr{first}, filters...), body: body}, err
}

// filterChain reads filters without what they are applied to.
func (p *parser) filterChain() ([]*filterExpr, error) {
	var all []*filterExpr
	for p.skip("|") {
		f, err := p.oneFilter(nil)
		if err != nil {
			return nil, err
		}
		all = append(all, f)
	}
	return all, nil
}

func (p *parser) blockStmt(tag token) (stmt, error) {
	name, err := p.identifier()
	if err != nil {
		return nil, err
	}
	if _, twice := p.blocks[name.text]; twice {
		return nil, invalid(name.at, "the block %q is there twice", name.text)
	}
	s := &blockStmt{at: name.at, name: name.text, template: p.name}
	p.blocks[name.text] = s
	s.scoped = p.skip("scoped")
	s.required = p.skip("required")
	if err := p.end(kindBlockEnd); err != nil {
		return nil, err
	}
	loops := p.loops
	p.loops = 0
	s.body, _, err = p.body(tag.text, "endblock")
	p.loops = loops
	if err != nil {
		return nil, err
	}
	if again := p.peek(); again.kind == kindName {
		if again.text != s.name {
			return nil, invalid(again.at, "the block %q is open, and not %q", s.name, again.text)
		}
		p.pos++
	}
	return s, p.end(kindBlockEnd)
}

func (p *parser) extendsStmt(tag token) (stmt, error) {
	e, err := p.wholeExpression(kindBlockEnd)
	return &extendsStmt{at: tag.at, parent: e}, err
}

func (p *parser) includeStmt(tag token) (stmt, error) {
	e, err := p.expression()
	if err != nil {
		return nil, err
	}
	s := &includeStmt{at: tag.at, names: e, withContext: true}
	if p.skip("ignore") {
		if err := p.expect("missing"); err != nil {
			return nil, err
		}
		s.ignoreMissing = true
	}
	p.context(&s.withContext)
	return s, p.end(kindBlockEnd)
}

// context reads "with context" or "without context".
func (p *parser) context(with *bool) {
	t := p.peek()
	if (t.is("with") || t.is("without")) && p.tokens[p.pos+1].is("context") {
		p.pos += 2
		*with = t.is("with")
	}
}

func (p *parser) importStmt(tag token) (stmt, error) {
	e, err := p.expression()
	if err != nil {
		return nil, err
	}
	s := &importStmt{at: tag.at, template: e}
	if err := p.expect("as"); err != nil {
		return nil, err
	}
	name, err := p.identifier()
	if err != nil {
		return nil, err
	}
	s.as = name.text
	p.context(&s.withContext)
	return s, p.end(kindBlockEnd)
}

func (p *parser) fromStmt(tag token) (stmt, error) {
	e, err := p.expression()
	if err != nil {
		return nil, err
	}
	s := &importStmt{at: tag.at, template: e}
	if err := p.expect("import"); err != nil {
		return nil, err
	}
	for {
		if p.context(&s.withContext); p.peek().kind == kindBlockEnd {
			break
		}
		name, err := p.identifier()
		if err != nil {
			return nil, err
		}
		as := name
		if p.skip("as") {
			if as, err = p.identifier(); err != nil {
				return nil, err
			}
		}
		s.names = append(s.names, importedName{name.at, name.text, as.text})
		p.skip(",")
	}
	if len(s.names) == 0 {
		return nil, invalid(tag.at, "{%% from %%} imports nothing; name what it imports")
	}
	return s, p.end(kindBlockEnd)
}
