package redact

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"html"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const (
	// minPart is the number of bytes from which a part of a longer value is
	// hidden by itself. The lines of a key are; "server {" is not.
	minPart = 10
	// maxCut is the length in bytes of the longest line that is cut at its
	// slashes: all parts of a long one would be very many bytes.
	maxCut = 256
	// maxEncoded is the length in bytes up to which all encodings of a value
	// are known. Of a longer one, which is a file and no password, they would
	// take more memory than they are worth: it is known by its lines.
	maxEncoded = 16 << 10
)

// formsOf returns a value and what the usual encodings make of it, each at
// least [MinLength] bytes long and none of them twice. The space around a value
// is often lost on its way, so it is taken without it too.
func formsOf(value string) []string {
	forms := []string{value}
	for _, v := range append(partsOf(value), strings.TrimSpace(value)) {
		forms = append(forms, v)
		if len(value) <= maxEncoded {
			forms = append(forms, encodingsOf(v)...)
		} else {
			forms = append(forms, quote(v)...)
		}
	}
	if len(value) <= maxEncoded {
		forms = append(forms, encodingsOf(value)...)
	}
	slices.Sort(forms)
	return slices.DeleteFunc(slices.Compact(forms), func(form string) bool { return len(form) < MinLength })
}

func encodingsOf(v string) []string {
	digits := hex.EncodeToString([]byte(v))
	return slices.Concat([]string{digits, strings.ToUpper(digits)}, base64Forms(v), urlForms(v), quotedForms(v), markupForms(v))
}

// partsOf returns what others make of a value when they take it apart: its
// lines, which a log shows one by one, and what lies before and after a slash,
// where a path or a URL that it became part of is cut. The first and the last
// line of a PEM block are no secret.
func partsOf(value string) []string {
	var parts []string
	for line := range strings.Lines(value) {
		if line = strings.TrimSpace(line); !strings.HasPrefix(line, "-----") {
			parts = append(append(parts, line), cutsOf(line)...)
		}
	}
	return slices.DeleteFunc(parts, func(part string) bool { return len(part) < minPart })
}

// cutsOf returns the parts of a line at its slashes. Of a URL that is the password
// alone, because its host and its path are no secret by themselves; and neither
// are the directories of an absolute path, such as that of a file of credentials.
func cutsOf(line string) []string {
	if u, err := url.Parse(line); err == nil && u.Host != "" {
		password, _ := u.User.Password()
		return []string{password}
	}
	if len(line) > maxCut {
		return nil
	}
	var cuts []string
	for i := range len(line) {
		if line[i] != '/' {
			continue
		}
		if line[0] != '/' {
			cuts = append(cuts, line[:i])
		}
		cuts = append(cuts, line[i+1:])
	}
	return cuts
}

// base64Forms returns the value encoded by itself, and as part of something
// longer: three bytes make four digits, so there are three ways for it to lie,
// and the digits that it shares with its neighbours are left out.
func base64Forms(value string) []string {
	var forms []string
	for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
		forms = append(forms, encoding.EncodeToString([]byte(value)), encoding.WithPadding(base64.NoPadding).EncodeToString([]byte(value)))
		for shift := range 3 {
			digits := encoding.EncodeToString([]byte(strings.Repeat("\x00", shift) + value))
			first := (shift*8 + 5) / 6
			last := (shift + len(value)) * 8 / 6
			forms = append(forms, digits[first:last])
		}
	}
	return forms
}

var percent = regexp.MustCompile(`%[0-9A-F]{2}`)

func urlForms(value string) []string {
	query, path := url.QueryEscape(value), url.PathEscape(value)
	return []string{
		query, percent.ReplaceAllStringFunc(query, strings.ToLower),
		path, percent.ReplaceAllStringFunc(path, strings.ToLower),
	}
}

// markupForms returns the value as it stands in HTML and XML, and between the
// single quotes of a shell.
func markupForms(value string) []string {
	escaped := html.EscapeString(value)
	return []string{
		escaped,
		strings.NewReplacer("&#34;", "&quot;", "&#39;", "&apos;").Replace(escaped),
		strings.ReplaceAll(value, "'", `'\''`),
	}
}

// quotedForms returns the value as it stands between quotes, and between
// quotes that are quoted again, as an error in a log in JSON.
func quotedForms(value string) []string {
	once := quote(value)
	forms := slices.Clone(once)
	for _, form := range once {
		forms = append(forms, quote(form)...)
	}
	return forms
}

// quote returns what JSON makes of a value, with and without the escapes for
// HTML, what Go does, and what hclog does, which escapes the quotes alone.
func quote(value string) []string {
	forms := []string{inner(strconv.Quote(value)), inner(strconv.QuoteToASCII(value)), strings.ReplaceAll(value, `"`, `\"`)}
	for _, escape := range []bool{false, true} {
		var out bytes.Buffer
		encoder := json.NewEncoder(&out)
		encoder.SetEscapeHTML(escape)
		// A string can always be encoded: what isn't UTF-8 in it is replaced.
		if err := encoder.Encode(value); err == nil {
			forms = append(forms, inner(strings.TrimSpace(out.String())))
		}
	}
	return forms
}

func inner(quoted string) string { return quoted[1 : len(quoted)-1] }
