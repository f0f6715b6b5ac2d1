package gitrepo

import (
	"net/url"
	"strings"
)

// redactor takes credentials out of texts.
type redactor struct{ replacer *strings.Replacer }

// newRedactor hides the secrets in all forms in which a transport may quote
// them. Very short ones are left alone: hiding them would hide every text.
func newRedactor(secrets ...string) redactor {
	var pairs []string
	for _, s := range secrets {
		if len(s) < 4 {
			continue
		}
		pairs = append(pairs, s, "***", url.QueryEscape(s), "***", url.PathEscape(s), "***")
	}
	return redactor{strings.NewReplacer(pairs...)}
}

func (r redactor) text(s string) string { return r.replacer.Replace(s) }

// err keeps the chain of errors but for their text.
func (r redactor) err(err error) error {
	if err == nil {
		return nil
	}
	return redacted{r.text(err.Error()), err}
}

type redacted struct {
	text string
	err  error
}

func (e redacted) Error() string { return e.text }
func (e redacted) Unwrap() error { return e.err }
