package jinja

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
)

// markupFilters are those for HTML, XML and URLs.
func markupFilters() map[string]builtin {
	return map[string]builtin{
		"escape":      plainText(escapeHTML),
		"forceescape": plainText(escapeHTML),
		"striptags":   plainText(stripTags),
		"xmlattr":     {params: []param{opt("autospace", true)}, f: xmlAttr},
		"urlize":      ofText(urlize, opt("trim_url_limit", nil), opt("nofollow", false), opt("target", nil), opt("rel", nil)),
		"urlencode":   simple(urlEncode),
		"urldecode":   ofText(func(_ *run, s string, _ args) (any, error) { return unquote(s), nil }),
		"urlsplit":    ofText(urlSplit, opt("query", "")),
	}
}

func escapeHTML(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "'", "&#39;", `"`, "&#34;").Replace(s)
}

// stripTags cuts comments and tags, and makes one blank of several.
func stripTags(s string) string {
	var b strings.Builder
	for s != "" {
		i := strings.IndexByte(s, '<')
		if i < 0 {
			break
		}
		closing := ">"
		if strings.HasPrefix(s[i:], "<!--") {
			closing = "-->"
		}
		n := strings.Index(s[i:], closing)
		if n < 0 {
			break
		}
		b.WriteString(s[:i])
		s = s[i+n+len(closing):]
	}
	text := strings.Join(strings.Fields(b.String()+s), " ")
	return strings.NewReplacer("&amp;", "&", "&lt;", "<", "&gt;", ">", "&#39;", "'", "&#34;", `"`, "&quot;", `"`).Replace(text)
}

func xmlAttr(r *run, v any, a args) (any, error) {
	d, ok := v.(*dict)
	if !ok {
		return nil, fmt.Errorf("a dict is needed, and not a value of type %s", typeName(v))
	}
	var parts []string
	for _, e := range d.entries {
		if _, missing := e.value.(undefined); missing || e.value == nil {
			continue
		}
		key, err := r.text(e.key)
		if err != nil {
			return nil, err
		}
		if strings.ContainsAny(key, " \t\n\r\f/>=") {
			return nil, errors.New("a key can't be the name of an attribute")
		}
		value, err := r.text(e.value)
		if err != nil {
			return nil, err
		}
		parts = append(parts, escapeHTML(key)+`="`+escapeHTML(value)+`"`)
	}
	text := strings.Join(parts, " ")
	space, err := a.bool(0)
	if space && text != "" {
		text = " " + text
	}
	if err != nil {
		return nil, err
	}
	return text, r.takeString(len(text))
}

// urlize makes links of the words of a text that are addresses.
func urlize(r *run, s string, a args) (any, error) {
	limit := maxArgument
	var err error
	if a.values[0] != nil {
		if limit, err = a.int(0); err != nil {
			return nil, err
		}
	}
	rel := "noopener"
	if nofollow, err := a.bool(1); err != nil {
		return nil, err
	} else if nofollow {
		rel = "nofollow noopener"
	}
	attributes := fmt.Sprintf(` rel="%s"`, rel)
	if a.values[2] != nil {
		target, err := a.string(r, 2)
		if err != nil {
			return nil, err
		}
		attributes += fmt.Sprintf(` target="%s"`, escapeHTML(target))
	}
	parts := regexp.MustCompile(`\s+|\S+`).FindAllString(escapeHTML(s), -1)
	for i, word := range parts {
		address := strings.TrimRight(word, ".,:;!?)")
		if strings.Contains(address, "(") {
			address = word
		}
		link := address
		switch {
		case strings.HasPrefix(address, "https://"), strings.HasPrefix(address, "http://"):
		case strings.HasPrefix(address, "www."):
			link = "https://" + address
		default:
			continue
		}
		shown := address
		if len([]rune(shown)) > limit {
			shown = firstRunes(shown, max(0, limit)) + "..."
		}
		parts[i] = fmt.Sprintf(`<a href="%s"%s>%s</a>%s`, link, attributes, shown, word[len(address):])
	}
	text := strings.Join(parts, "")
	return text, r.takeString(len(text))
}

// quoteURL escapes what has a meaning in a URL, but for the characters of
// safe.
func quoteURL(s, safe string) string {
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; isAlphanumeric(c) || strings.IndexByte("_.-~"+safe, c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// urlEncode escapes a string, or makes a query of a dict or a list of pairs.
func urlEncode(r *run, v any) (any, error) {
	d, isDict := v.(*dict)
	l, isList := v.(*list)
	if !isDict && !isList {
		s, err := r.text(v)
		if err != nil {
			return nil, err
		}
		return quoteURL(s, "/"), r.takeString(3 * len(s))
	}
	var err error
	if isDict {
		var all any
		if all, err = pairs(r, d); err != nil {
			return nil, err
		}
		l = all.(*list)
	}
	parts := make([]string, len(l.items))
	for i, item := range l.items {
		pair, ok := item.(*list)
		if !ok || len(pair.items) != 2 {
			return nil, errors.New("a list of pairs is needed")
		}
		var both [2]string
		for j := range both {
			if both[j], err = r.text(pair.items[j]); err != nil {
				return nil, err
			}
			both[j] = strings.ReplaceAll(quoteURL(both[j], ""), "%20", "+")
		}
		parts[i] = both[0] + "=" + both[1]
	}
	text := strings.Join(parts, "&")
	return text, r.takeString(len(text))
}

// unquote undoes what is escaped, and leaves what is not valid.
func unquote(s string) string {
	s = strings.ReplaceAll(s, "+", " ")
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if c, err := url.PathUnescape(s[i : i+3]); err == nil {
				b.WriteString(c)
				i += 2
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return strings.ToValidUTF8(b.String(), "\ufffd")
}

func urlSplit(r *run, s string, a args) (any, error) {
	u, err := url.Parse(s)
	if err != nil {
		return nil, errors.New("the string is no URL")
	}
	optional := func(s string, there bool) any {
		if there {
			return s
		}
		return nil
	}
	password, hasPassword := u.User.Password()
	netloc := u.Host
	if u.User != nil {
		netloc = u.User.String() + "@" + u.Host
	}
	var port any
	if n, err := parseIndex(u.Port()); err == nil {
		port = n
	}
	d := dictOf("fragment", u.Fragment, "hostname", optional(strings.ToLower(u.Hostname()), u.Hostname() != ""), "netloc", netloc,
		"password", optional(password, hasPassword), "path", u.EscapedPath(), "port", port, "query", u.RawQuery,
		"scheme", u.Scheme, "username", optional(u.User.Username(), u.User != nil))
	query, err := a.string(r, 0)
	if err != nil || query == "" {
		return d, err
	}
	part, ok := d.get(query)
	if !ok {
		return nil, fmt.Errorf("a URL has no part %q%s", query, suggestOne(query, d.names()))
	}
	return part, nil
}
