package jinja

import "strings"

// settings are those of Jinja2 that a template can change in its first line,
// as in
//
//	#jinja2: trim_blocks: False, lstrip_blocks: True
type settings struct {
	trimBlocks   bool
	lstripBlocks bool
	keepNewline  bool
}

const headerPrefix = "#jinja2:"

// header reads the settings of the first line, which is no part of the text.
func (l *lexer) header() error {
	if !strings.HasPrefix(l.text, headerPrefix) {
		return nil
	}
	line, rest, _ := strings.Cut(l.text, "\n")
	fields := map[string]*bool{
		"trim_blocks": &l.setting.trimBlocks, "lstrip_blocks": &l.setting.lstripBlocks, "keep_trailing_newline": &l.setting.keepNewline,
	}
	for pair := range strings.SplitSeq(line[len(headerPrefix):], ",") {
		key, value, _ := strings.Cut(pair, ":")
		field, known := fields[strings.TrimSpace(key)]
		if !known {
			return invalid(l.at(0), "the first line sets %q; it can set trim_blocks, lstrip_blocks and keep_trailing_newline", strings.TrimSpace(key))
		}
		switch strings.ToLower(strings.TrimSpace(value)) {
		case "true", "yes":
			*field = true
		case "false", "no":
			*field = false
		default:
			return invalid(l.at(0), "the first line sets %s to %q; it is True or False", strings.TrimSpace(key), strings.TrimSpace(value))
		}
	}
	l.pos = len(l.text) - len(rest)
	return nil
}
