package process

import (
	"cmp"
	"slices"
	"strings"
)

// minHidden is the length under which a value is no secret, but a word that
// happens to be in many texts.
const minHidden = 4

// Redactor keeps values that a program was given out of what is said about
// it. The zero Redactor hides nothing.
type Redactor struct{ hidden []hidden }

type hidden struct{ value, shown string }

// NewRedactor hides the values of an environment and what a program reads from
// its stdin. Values shorter than four bytes are left as they are.
func NewRedactor(env map[string]string, stdin string) Redactor {
	var r Redactor
	r.add(strings.TrimSpace(stdin), "(stdin)")
	for name, value := range env {
		r.add(value, "$"+name)
	}
	// The longest first, so that a value that is part of another doesn't
	// leave the rest of it to be read.
	slices.SortFunc(r.hidden, func(a, b hidden) int {
		return cmp.Or(len(b.value)-len(a.value), strings.Compare(a.shown, b.shown))
	})
	return r
}

func (r *Redactor) add(value, shown string) {
	if len(value) >= minHidden {
		r.hidden = append(r.hidden, hidden{value, shown})
	}
}

// Hide puts the variable's name in place of each value that is in text.
func (r Redactor) Hide(text string) string {
	for _, one := range r.hidden {
		text = strings.ReplaceAll(text, one.value, one.shown)
	}
	return text
}
