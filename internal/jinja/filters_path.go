package jinja

import (
	"errors"
	"path"
	"strings"
)

// pathFilters take paths apart. They don't look at the host.
func pathFilters() map[string]builtin {
	return map[string]builtin{
		"basename":   plainText(func(s string) string { return s[strings.LastIndexByte(s, '/')+1:] }),
		"dirname":    plainText(dirname),
		"splitext":   ofText(func(_ *run, s string, _ args) (any, error) { return splitExt(s), nil }),
		"path_join":  simple(pathJoin),
		"normpath":   plainText(path.Clean),
		"relpath":    ofText(relPath, need("start")),
		"commonpath": ofList(commonPath),
	}
}

func dirname(s string) string {
	head := s[:strings.LastIndexByte(s, '/')+1]
	if trimmed := strings.TrimRight(head, "/"); trimmed != "" {
		return trimmed
	}
	return head
}

func splitExt(s string) any {
	base := s[strings.LastIndexByte(s, '/')+1:]
	dots := len(base) - len(strings.TrimLeft(base, "."))
	dot := strings.LastIndexByte(base[dots:], '.')
	if dot < 0 {
		return newTuple(s, "")
	}
	at := len(s) - len(base) + dots + dot
	return newTuple(s[:at], s[at:])
}

func pathJoin(r *run, v any) (any, error) {
	parts := []any{v}
	if l, ok := v.(*list); ok {
		parts = l.items
	}
	joined := ""
	for _, part := range parts {
		s, ok := part.(string)
		switch {
		case !ok:
			return nil, errors.New("the parts of a path are strings")
		case strings.HasPrefix(s, "/") || joined == "":
			joined = s
		case strings.HasSuffix(joined, "/"):
			joined += s
		default:
			joined += "/" + s
		}
		if err := r.takeString(len(joined)); err != nil {
			return nil, err
		}
	}
	return joined, nil
}

// relPath needs both paths to be absolute, as it doesn't know where it is.
func relPath(r *run, s string, a args) (any, error) {
	start, err := a.string(r, 0)
	if err != nil {
		return nil, err
	}
	if !path.IsAbs(s) || !path.IsAbs(start) {
		return nil, errors.New("both paths must be absolute")
	}
	to, from := pathParts(s), pathParts(start)
	n := 0
	for n < len(to) && n < len(from) && to[n] == from[n] {
		n++
	}
	out := strings.Repeat("../", len(from)-n) + strings.Join(to[n:], "/")
	if out = strings.TrimSuffix(out, "/"); out == "" {
		return ".", nil
	}
	return out, r.takeString(len(out))
}

func pathParts(s string) []string {
	return strings.FieldsFunc(path.Clean(s), func(c rune) bool { return c == '/' })
}

func commonPath(r *run, items []any, _ args) (any, error) {
	if len(items) == 0 {
		return nil, errors.New("the list of paths is empty")
	}
	var common []string
	absolute := false
	for i, item := range items {
		s, ok := item.(string)
		if !ok {
			return nil, errors.New("the paths are strings")
		}
		parts := pathParts(s)
		if i == 0 {
			common, absolute = parts, path.IsAbs(s)
			continue
		}
		if path.IsAbs(s) != absolute {
			return nil, errors.New("the paths are all absolute or all relative")
		}
		n := 0
		for n < len(common) && n < len(parts) && common[n] == parts[n] {
			n++
		}
		common = common[:n]
	}
	out := strings.Join(common, "/")
	if absolute {
		out = "/" + out
	}
	return out, r.takeString(len(out))
}
