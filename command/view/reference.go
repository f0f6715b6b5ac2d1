package view

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/driftless-hq/driftless/internal/reference"
)

// Topic shows what can be looked up under a name, for reading in a terminal.
func (v *View) Topic(r *reference.Reference, t reference.Topic) {
	m := &manual{style: v.out}
	switch {
	case t.Block != nil:
		m.block(r, *t.Block)
	case t.Type != nil:
		m.typ(*t.Type)
	case t.Provider != nil:
		m.provider(*t.Provider)
	case t.Facts != nil:
		m.facts(*t.Facts)
	case t.Function != nil:
		m.function(r, *t.Function)
	}
	v.Print("%s", m.text.String())
}

// Topics lists all that can be looked up, with a line on each.
func (v *View) Topics(r *reference.Reference) {
	m := &manual{style: v.out}
	m.heading("Blocks")
	for _, b := range r.Blocks {
		m.entry(b.Name, b.Doc)
	}
	for _, kind := range reference.Kinds() {
		m.list(r.TypesOf(string(kind)), strings.ToUpper(string(kind[:1]))+string(kind[1:])+"s")
	}
	m.heading("Providers")
	for _, p := range r.Providers {
		doc := p.Doc
		if p.Settings != nil && doc == "" {
			doc = p.Settings.Doc
		}
		m.entry("provider."+p.Name, doc)
	}
	m.heading("Facts")
	for _, f := range r.Facts {
		m.entry("fact."+f.Name, f.Doc)
	}
	m.heading("Functions")
	for _, f := range r.Functions {
		m.entry(f.Name, f.Doc())
	}
	m.separate()
	m.paragraph(0, "More about one of them: driftless schema show NAME")
	v.Print("%s", m.text.String())
}

// manual is a page of text that grows from top to bottom.
type manual struct {
	style style
	text  strings.Builder
}

const (
	indent     = 2
	nameColumn = 24 // of the names in a list
)

// separate leaves a line free, but not at the top.
func (m *manual) separate() {
	if m.text.Len() > 0 {
		m.text.WriteString("\n")
	}
}

func (m *manual) heading(title string) {
	m.separate()
	m.text.WriteString(m.style.paint(bold, title) + "\n")
}

var codeSpan = regexp.MustCompile("`([^`]+)`")

// paragraph writes Markdown. Where there is colour, it stands for the
// backquotes of code.
func (m *manual) paragraph(margin int, markdown string) {
	text := m.style.wrap(markdown, margin)
	if m.style.color {
		text = codeSpan.ReplaceAllStringFunc(text, func(code string) string { return m.style.paint(cyan, strings.Trim(code, "`")) })
	}
	m.lines(margin, text)
}

// lines writes text as it is, behind a margin.
func (m *manual) lines(margin int, text string) {
	for line := range strings.Lines(strings.TrimRight(text, "\n") + "\n") {
		if line != "\n" {
			m.text.WriteString(strings.Repeat(" ", margin))
		}
		m.text.WriteString(line)
	}
}

// entry is a line of a list, cut at the width of the terminal.
func (m *manual) entry(name, doc string) {
	doc = strings.ReplaceAll(reference.FirstSentence(doc), "`", "")
	if room := m.style.width - indent - nameColumn - 1; m.style.width > 0 && len([]rune(doc)) > room {
		doc = string([]rune(doc)[:max(0, room-3)]) + "..."
	}
	padding := strings.Repeat(" ", max(0, nameColumn-len(name)))
	line := m.style.paint(cyan, name) + padding + " " + doc
	m.lines(indent, strings.TrimRight(line, " "))
}

func (m *manual) list(types []reference.Type, title string) {
	m.heading(title)
	for _, t := range types {
		m.entry(t.Name, t.Doc)
	}
}

func (m *manual) attribute(a reference.Attribute) {
	traits := strings.Join(append([]string{a.TypeName()}, a.Traits()...), ", ")
	m.lines(indent, m.style.paint(bold, a.Name)+" "+m.style.paint(dim, "("+traits+")"))
	m.paragraph(2*indent, a.Text())
}

// arguments writes what can be written in a block, and then its nested
// blocks under headings of their own.
func (m *manual) arguments(title string, b reference.Body) {
	if len(b.Arguments) > 0 {
		m.heading(title)
	}
	for _, a := range b.Arguments {
		m.attribute(a)
	}
	m.nested(b.Blocks, "")
}

func (m *manual) nested(blocks []reference.Nested, within string) {
	for _, n := range blocks {
		m.heading("Block " + within + n.Name)
		m.paragraph(indent, n.Text())
		if len(n.Arguments) > 0 {
			m.separate()
		}
		for _, a := range n.Arguments {
			m.attribute(a)
		}
		m.nested(n.Blocks, within+n.Name+".")
	}
}

func (m *manual) typ(t reference.Type) {
	m.heading(header(t.Kind, labelsOf(t)))
	m.paragraph(indent, t.Doc)
	if note := t.Nature(); note != "" {
		m.paragraph(indent, note)
	}
	for _, e := range t.Examples {
		title := "Example"
		if !strings.HasSuffix(e.Name, ".hcl") {
			title = e.Name
		}
		m.heading(title)
		m.lines(indent, e.Content)
	}
	m.arguments("Arguments", t.Body)
	m.arguments("Meta-arguments", t.Meta)
	m.learnt("Attributes", t.Body)
}

// labelsOf are those that a block of the type has.
func labelsOf(t reference.Type) []string {
	if t.Kind == "stage" {
		return []string{t.Ref().Name}
	}
	return []string{t.Ref().Name, "NAME"}
}

func header(kind string, labels []string) string {
	for _, l := range labels {
		kind += fmt.Sprintf(" %q", l)
	}
	return kind
}

func (m *manual) learnt(title string, b reference.Body) {
	if len(b.Learnt) == 0 {
		return
	}
	m.heading(title)
	for _, a := range b.Learnt {
		m.attribute(a)
	}
}

func (m *manual) block(r *reference.Reference, b reference.Block) {
	var labels []string
	for _, l := range b.Labels {
		labels = append(labels, strings.ToUpper(l))
	}
	m.heading(header(b.Name, labels))
	m.paragraph(indent, b.Doc)
	m.arguments("Arguments", b.Body)
	switch types := r.TypesOf(b.Name); {
	case len(types) > 0:
		m.list(types, "Types")
	case b.Name == "provider":
		m.heading("Providers with settings")
		for _, p := range r.Providers {
			if p.Settings != nil {
				m.entry("provider."+p.Name, p.Settings.Doc)
			}
		}
	}
}

func (m *manual) provider(p reference.Provider) {
	m.heading(header("provider", []string{p.Name}))
	if p.Doc != "" {
		m.paragraph(indent, p.Doc)
	}
	if p.Settings == nil {
		m.paragraph(indent, "It takes no settings.")
	} else {
		m.paragraph(indent, p.Settings.Doc)
		m.arguments("Arguments", *p.Settings)
	}
	if len(p.Types) > 0 {
		m.heading("Types")
		m.paragraph(indent, strings.Join(p.Types, ", "))
	}
}

func (m *manual) facts(f reference.Facts) {
	name := "fact." + f.Name
	if f.Key != "" {
		name += "[" + f.Key + "]"
	}
	m.heading(name)
	m.paragraph(indent, f.Doc)
	m.learnt("Facts", f.Body)
}

func (m *manual) function(r *reference.Reference, f reference.Function) {
	m.heading(f.Signature())
	if doc := f.Doc(); doc != "" {
		m.paragraph(indent, doc)
	}
	parameters := f.Parameters()
	if v := f.Variadic(); v != nil {
		v.Name += "..."
		parameters = append(parameters, *v)
	}
	if len(parameters) > 0 {
		m.heading("Parameters")
	}
	for _, p := range parameters {
		m.lines(indent, m.style.paint(bold, p.Name)+" "+m.style.paint(dim, "("+p.Type+")"))
		if p.Doc != "" {
			m.paragraph(2*indent, p.Doc)
		}
	}
	if others := r.Namesakes(f.Name); len(others) > 0 {
		m.separate()
		m.paragraph(0, "See also "+strings.Join(others, ", ")+".")
	}
}
