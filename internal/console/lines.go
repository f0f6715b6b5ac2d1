package console

import "github.com/driftless-hq/driftless/config"

// Expression is the text of an expression.
type Expression struct {
	Source []byte
	Line   int // of the input, where it begins; from 1
}

// maxWork bounds how many bytes are looked at for one expression, which is
// looked at again with each of its lines: some 700 lines of usual length.
const maxWork = 16 << 20

// Lines puts the lines of an input together to expressions: one on a line, or
// on several while brackets or a heredoc are open. Lines with nothing but
// comments are passed over. The zero value is ready for use.
type Lines struct {
	open Expression
	work int // bytes looked at since it was begun; 0 where nothing is
	read int // lines so far
}

// Add takes a line, without its end, and returns the expression that it
// completes.
func (l *Lines) Add(line string) (Expression, bool) {
	l.read++
	first := !l.Open()
	if first {
		l.open.Line = l.read
	}
	l.open.Source = append(append(l.open.Source, line...), '\n')
	l.work += len(l.open.Source)
	if first && config.Blank(l.open.Source) {
		l.Drop()
		return Expression{}, false
	}
	if l.work < maxWork && config.Unclosed(l.open.Source) {
		return Expression{}, false
	}
	return l.Rest()
}

// Open reports whether an expression is begun and not complete.
func (l *Lines) Open() bool { return l.work > 0 }

// Rest returns what was begun and not completed, if there is any, at the end
// of the input.
func (l *Lines) Rest() (Expression, bool) {
	e, ok := l.open, l.Open()
	l.Drop()
	return e, ok
}

// Drop forgets what was begun.
func (l *Lines) Drop() { l.open, l.work = Expression{}, 0 }
