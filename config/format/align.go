package format

import "github.com/hashicorp/hcl/v2/hclsyntax"

// alignAssignments puts the equals signs of consecutive lines in one column.
func alignAssignments(lines []line) { align(lines, assignment) }

// alignComments puts the comments at the ends of consecutive lines in one
// column.
func alignComments(lines []line) { align(lines, trailingComment) }

// align puts pieces of consecutive lines in one column: in each line the
// piece that find returns the index of, 0 for none.
func align(lines []line, find func(*line) int) {
	type cell struct {
		piece *piece
		width int
	}
	var cells []cell
	column := 0
	finish := func() {
		for _, c := range cells {
			c.piece.spaces = column - c.width + 1
		}
		cells, column = cells[:0], 0
	}
	for i := range lines {
		at := find(&lines[i])
		if at == 0 {
			finish()
			continue
		}
		width := width(lines[i].pieces[:at])
		cells = append(cells, cell{piece: &lines[i].pieces[at], width: width})
		column = max(column, width)
	}
	finish()
}

func width(pieces []piece) int {
	width := 0
	for _, p := range pieces {
		width += p.spaces + p.width
	}
	return width
}

// assignment returns where the equals sign is of a line that holds one
// argument whole, name and value.
func assignment(l *line) int {
	at, depth := 0, 0
	for i, p := range l.pieces {
		switch {
		case isOpener(p.kind):
			depth++
		case isCloser(p.kind):
			depth--
		case p.kind == hclsyntax.TokenEqual && depth == 0 && at == 0:
			at = i
		case p.tall && at == 0:
			return 0
		}
		if depth < 0 {
			return 0
		}
	}
	if depth > 0 {
		return 0
	}
	return at
}

// trailingComment returns where the comment is that ends a line of code.
func trailingComment(l *line) int {
	last := len(l.pieces) - 1
	if last <= 0 || l.pieces[last].kind != hclsyntax.TokenComment || l.pieces[last].text[0] == '/' && l.pieces[last].text[1] == '*' {
		return 0
	}
	for _, p := range l.pieces {
		if p.tall {
			return 0
		}
	}
	return last
}
