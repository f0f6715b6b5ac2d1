package process

import (
	"strconv"
	"strings"
	"unicode"
)

// FormatArgs writes a command for a reader, quoted as for a shell. Arguments
// with control characters are quoted as in Go, so that they can't move the
// cursor of a terminal. It is not meant to be run.
func FormatArgs(args []string) string {
	quoted := make([]string, len(args))
	for i, arg := range args {
		quoted[i] = quote(arg)
	}
	return strings.Join(quoted, " ")
}

func quote(arg string) string {
	switch {
	case arg == "":
		return "''"
	case strings.ContainsFunc(arg, func(r rune) bool { return !unicode.IsPrint(r) || r == unicode.ReplacementChar }):
		return strconv.Quote(arg)
	case strings.ContainsFunc(arg, needsQuotes):
		return "'" + strings.ReplaceAll(arg, "'", `'\''`) + "'"
	}
	return arg
}

func needsQuotes(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("-_./:=@%+,", r)
}
