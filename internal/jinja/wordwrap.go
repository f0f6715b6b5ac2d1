package jinja

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"
)

// wordwrap breaks the lines of a text as textwrap of Python does.
func wordwrap(r *run, s string, a args) (any, error) {
	width, err := a.int(0)
	if err != nil {
		return nil, err
	}
	breakWords, err := a.bool(1)
	if err != nil {
		return nil, err
	}
	newline := "\n"
	if a.values[2] != nil {
		if newline, err = a.string(r, 2); err != nil {
			return nil, err
		}
	}
	hyphens, err := a.bool(3)
	if err != nil {
		return nil, err
	}
	if width <= 0 {
		return nil, errors.New("the width is at least 1")
	}
	var lines []string
	for line := range strings.Lines(s) {
		lines = append(lines, wrapLine(strings.TrimRight(line, "\r\n"), width, breakWords, hyphens)...)
	}
	n := len(s)
	for range lines {
		n += len(newline)
	}
	if err := r.takeString(n); err != nil {
		return nil, err
	}
	return strings.Join(lines, newline), nil
}

func wrapLine(s string, width int, breakWords, hyphens bool) []string {
	chunks := wrapChunks(s, hyphens)
	if len(chunks) == 0 {
		return []string{""}
	}
	var lines []string
	for i := 0; i < len(chunks); {
		if len(lines) > 0 && strings.TrimSpace(chunks[i]) == "" {
			i++ // no line but the first begins with a blank
			continue
		}
		line, n := "", 0
		for i < len(chunks) && n+utf8.RuneCountInString(chunks[i]) <= width {
			line += chunks[i]
			n += utf8.RuneCountInString(chunks[i])
			i++
		}
		if i < len(chunks) && utf8.RuneCountInString(chunks[i]) > width {
			switch room := width - n; {
			case breakWords:
				part := firstRunes(chunks[i], max(1, room))
				if room > 0 {
					line += part
					chunks[i] = chunks[i][len(part):]
				}
			case line == "":
				line = chunks[i]
				i++
			}
		}
		if line = strings.TrimRightFunc(line, unicode.IsSpace); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// wrapChunks are what a line may be broken between: blanks, words, and the
// parts of a word that hyphens join.
func wrapChunks(s string, hyphens bool) []string {
	var chunks []string
	runes := []rune(s)
	start := 0
	for i := 1; i <= len(runes); i++ {
		if i < len(runes) && unicode.IsSpace(runes[i]) == unicode.IsSpace(runes[i-1]) {
			joined := hyphens && runes[i-1] == '-' && i >= 2 && unicode.IsLetter(runes[i-2]) && unicode.IsLetter(runes[i])
			if !joined || !twoLetters(runes[start:i-1]) {
				continue
			}
		}
		chunks = append(chunks, string(runes[start:i]))
		start = i
	}
	return chunks
}

// twoLetters reports whether a part of a word ends in two letters, as one
// letter stays with what follows its hyphen.
func twoLetters(part []rune) bool {
	n := len(part)
	return n >= 2 && unicode.IsLetter(part[n-2])
}
