package e2e

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"io/fs"
	"maps"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// canaries are secrets that no other text can hold by chance, by the way that
// they come into a configuration.
type canaries map[string]string

// newCanaries makes them anew for each run. Each has what some encoding
// changes; some are long, some are short, some have several lines.
func newCanaries() canaries {
	awkward := func() string { return rand.Text()[:6] + `"a<n>a&r y/` + rand.Text()[:8] + `+'%$\é~` }
	lines := func() string {
		return "-----BEGIN CANARY-----\n" + rand.Text() + rand.Text() + "\n" + awkward() + "\n-----END CANARY-----\n"
	}
	return canaries{
		"a secret of the env file":          awkward(),
		"a short secret of the env file":    rand.Text()[:7],
		"a secret of the environment":       lines(),
		"a sensitive variable":              awkward(),
		"a secret of Vault":                 awkward(),
		"a secret of Vault with many lines": lines(),
		"the argument of sensitive":         rand.Text(),
	}
}

// fragment is how much of a secret is too much, in bytes.
const fragment = 10

// needles are what must not be found of a secret: the whole, each of its lines,
// and the beginning and the end of each, in the encodings that programs use.
func needles(secret string) map[string]string {
	all := make(map[string]string)
	parts := make(map[string]string)
	if trimmed := strings.TrimSpace(secret); !strings.HasPrefix(trimmed, "-----") {
		parts[""] = trimmed
	}
	for i, line := range strings.Split(secret, "\n") {
		if !strings.HasPrefix(line, "-----") && line != "" {
			parts[fmt.Sprintf(", line %d", i+1)] = line
		}
	}
	for part, text := range maps.Clone(parts) {
		if len(text) > 2*fragment {
			parts[part+", its beginning"], parts[part+", its end"] = text[:fragment], text[len(text)-fragment:]
		}
	}
	for part, text := range parts {
		for name, form := range encodings(text) {
			all[name+part] = form
		}
	}
	return all
}

func encodings(text string) map[string]string {
	quoted := func(escapeHTML bool) string {
		var out bytes.Buffer
		encoder := json.NewEncoder(&out)
		encoder.SetEscapeHTML(escapeHTML)
		if err := encoder.Encode(text); err != nil {
			panic(err) // a string can be encoded
		}
		return strings.Trim(strings.TrimSpace(out.String()), `"`)
	}
	forms := map[string]string{
		"the text":            text,
		"hex":                 hex.EncodeToString([]byte(text)),
		"the query escape":    url.QueryEscape(text),
		"the path escape":     url.PathEscape(text),
		"JSON":                quoted(false),
		"JSON safe in HTML":   quoted(true),
		"HTML":                html.EscapeString(text),
		"the quotes of Go":    strings.Trim(fmt.Sprintf("%q", text), `"`),
		"the quotes of shell": strings.ReplaceAll(text, "'", `'\''`),
	}
	for name, encoding := range map[string]*base64.Encoding{"base64": base64.StdEncoding, "base64 for URLs": base64.URLEncoding} {
		for shift := range 3 {
			digits := encoding.EncodeToString([]byte(strings.Repeat("\x00", shift) + text))
			forms[fmt.Sprintf("%s, shifted by %d", name, shift)] = digits[(shift*8+5)/6 : (shift+len(text))*8/6]
		}
	}
	return forms
}

// find says which secrets are in a text, and how.
func (c canaries) find(text []byte) []string {
	var found []string
	for name, secret := range c {
		for form, needle := range needles(secret) {
			if bytes.Contains(text, []byte(needle)) {
				found = append(found, name+" as "+form)
			}
		}
	}
	slices.Sort(found)
	return found
}

// check fails the test when a text holds a secret.
func (c canaries) check(t *testing.T, where string, text []byte) {
	t.Helper()
	for _, found := range c.find(text) {
		t.Errorf("%s shows %s", where, found)
	}
}

// findTree is find for the content and the names of all files below a directory.
func (c canaries) findTree(t *testing.T, dir string) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		for _, one := range c.find([]byte(path + "\n" + read(t, path))) {
			found = append(found, path+" shows "+one)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	return found
}

// TestTheFinderFindsEveryPlantedSecret makes sure that the tests below can fail.
func TestTheFinderFindsEveryPlantedSecret(t *testing.T) {
	c := newCanaries()
	for name, secret := range c {
		for form, needle := range needles(secret) {
			t.Run(name+" as "+form, func(t *testing.T) {
				noise := rand.Text()
				if found := c.find([]byte(noise + needle + noise)); !slices.Contains(found, name+" as "+form) {
					t.Errorf("found: %q", found)
				}
			})
		}
	}
	if found := c.find([]byte("an innocent text")); len(found) > 0 {
		t.Errorf("found in an innocent text: %q", found)
	}
}

func TestTheFinderFindsASecretInAFileAndInItsName(t *testing.T) {
	c := newCanaries()
	for name, file := range map[string][2]string{
		"in its content": {"leak", "log: " + c["a sensitive variable"]},
		"in its name":    {c["a short secret of the env file"], ""},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "below")
			mkdir(t, dir)
			write(t, filepath.Join(dir, file[0]), file[1])
			if len(c.findTree(t, filepath.Dir(dir))) == 0 {
				t.Error("the leak was not found")
			}
		})
	}
}
