package sinks

import (
	"fmt"
	"path"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/driftless-hq/driftless/plugin/event"
)

// The limits keep every name that events can bring about, and the names that
// rotation derives from it, within the 255 bytes of a file system.
const (
	maxFieldBytes     = 100
	maxComponentBytes = 220
)

// verbs are the conversions of strftime that a path may hold.
const verbs = "YmdHMSj%"

// pathTemplate is a path with parts that depend on the event.
type pathTemplate struct {
	parts []pathPart
	fixed bool // it is the same for every event
}

// pathPart is one of: fixed text, a conversion of the time, a field.
type pathPart struct {
	text  string
	verb  byte
	field *event.Ref
}

// parsePath reads a path such as "/var/log/{host}/%Y-%m-%d.log".
func parsePath(s string) (pathTemplate, error) {
	if path.Clean(s) != s || !strings.HasPrefix(s, "/") || s == "/" {
		return pathTemplate{}, fmt.Errorf("write the path absolute and in its shortest form, without \"..\", \".\", double or trailing slashes")
	}
	t := pathTemplate{fixed: true}
	for rest := s; rest != ""; {
		n := strings.IndexAny(rest, "%{}")
		if n < 0 {
			n = len(rest)
		}
		if n > 0 {
			t.parts = append(t.parts, pathPart{text: rest[:n]})
			rest = rest[n:]
			continue
		}
		part, size, err := parsePart(rest)
		if err != nil {
			return pathTemplate{}, err
		}
		t.parts = append(t.parts, part)
		t.fixed = t.fixed && part.verb == '%'
		rest = rest[size:]
	}
	return t, t.checkLength()
}

// parsePart reads the conversion or field that s begins with.
func parsePart(s string) (part pathPart, size int, err error) {
	if s[0] == '%' {
		if len(s) < 2 || !strings.Contains(verbs, s[1:2]) {
			return pathPart{}, 0, fmt.Errorf("%q is not a conversion: there are %%Y, %%m, %%d, %%H, %%M, %%S, %%j, and %%%% for a percent sign", s[:min(2, len(s))])
		}
		return pathPart{verb: s[1]}, 2, nil
	}
	end := strings.IndexByte(s, '}')
	if s[0] == '}' || end < 0 {
		return pathPart{}, 0, fmt.Errorf("a brace has no partner: the name of a field stands between two, as in {host}")
	}
	name := s[1:end]
	if name == "" || strings.ContainsAny(name, "{/%") {
		return pathPart{}, 0, fmt.Errorf("{%s} is not the name of a field", name)
	}
	return pathPart{field: event.NewRef(name)}, end + 1, nil
}

// checkLength refuses a path of which a component can become too long.
func (t pathTemplate) checkLength() error {
	length := 0
	for _, p := range t.parts {
		switch {
		case p.field != nil:
			length += maxFieldBytes
		case p.verb != 0:
			length += len("2006")
		}
		for i, text := range strings.Split(p.text, "/") {
			if i > 0 {
				length = 0
			}
			length += len(text)
			if length > maxComponentBytes {
				return fmt.Errorf("a name between two slashes can become longer than %d bytes; each field counts for %d", maxComponentBytes, maxFieldBytes)
			}
		}
	}
	return nil
}

// append appends the path for event i, whose time is at.
func (t pathTemplate) append(dst []byte, at time.Time, b *event.Batch, i int) []byte {
	for _, p := range t.parts {
		switch {
		case p.verb != 0:
			dst = appendVerb(dst, p.verb, at.UTC())
		case p.field != nil:
			dst = appendField(dst, p.field.Field(b, i))
		default:
			dst = append(dst, p.text...)
		}
	}
	return dst
}

func appendVerb(dst []byte, verb byte, at time.Time) []byte {
	switch verb {
	case 'Y':
		return appendDigits(dst, at.Year(), 4)
	case 'm':
		return appendDigits(dst, int(at.Month()), 2)
	case 'd':
		return appendDigits(dst, at.Day(), 2)
	case 'H':
		return appendDigits(dst, at.Hour(), 2)
	case 'M':
		return appendDigits(dst, at.Minute(), 2)
	case 'S':
		return appendDigits(dst, at.Second(), 2)
	case 'j':
		return appendDigits(dst, at.YearDay(), 3)
	}
	return append(dst, verb)
}

func appendDigits(dst []byte, n, width int) []byte {
	for limit := 10; width > 1; width, limit = width-1, limit*10 {
		if n < limit {
			dst = append(dst, '0')
		}
	}
	return strconv.AppendInt(dst, int64(n), 10)
}

func appendField(dst []byte, v event.Value) []byte {
	switch v.Kind() {
	case event.Null:
		return append(dst, "unknown"...)
	case event.Bool:
		return strconv.AppendBool(dst, v.Bool())
	case event.Int:
		return strconv.AppendInt(dst, v.Int(), 10)
	case event.Float:
		return strconv.AppendFloat(dst, v.Float(), 'g', -1, 64)
	}
	return appendName(dst, v.Text())
}

// appendName makes a part of a file name of a value that anyone may have
// written into a log. What is appended is never empty and never begins with a
// dot, so that no component of a path becomes "." or ".." through it; and it
// holds neither slashes, nor two dots in a row, nor what can't be printed.
func appendName(dst, value []byte) []byte {
	if len(value) == 0 {
		return append(dst, "unknown"...)
	}
	start, dotted := len(dst), true
	for len(value) > 0 {
		r, size := utf8.DecodeRune(value)
		if len(dst)-start+size > maxFieldBytes {
			break
		}
		bad := r == '/' || r == '\\' || r == utf8.RuneError || !unicode.IsPrint(r) || r == '.' && dotted
		if bad {
			dst = append(dst, '_')
		} else {
			dst = append(dst, value[:size]...)
		}
		dotted = bad || r == '.'
		value = value[size:]
	}
	return dst
}
