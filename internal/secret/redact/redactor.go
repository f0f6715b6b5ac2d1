// Package redact keeps secrets out of what is written for people and for other
// programs: every value it has been told of is replaced, also where it has been
// encoded on its way. It is the only place that does so, and a leaf: the
// language, the core and the built-in providers all use it.
//
//	hidden := redact.New()
//	hidden.Add(password)
//	log := hclog.New(&hclog.LoggerOptions{Output: hidden.Writer(os.Stderr)})
//	return redact.New(token).Error(err)
package redact

import (
	"container/list"
	"strings"
	"sync"
)

// Placeholder is what stands in the place of a secret.
const Placeholder = "(sensitive value)"

const (
	// MinLength is the number of bytes below which a value isn't replaced: so
	// short a text is in many words that are no secret.
	MinLength = 4
	// minDigits is the same for a value of digits alone, which is in times,
	// ports and process ids.
	minDigits = 6
	// maxRetired bounds the forms of the values that are remembered and no
	// longer in use, in bytes.
	maxRetired = 16 << 20
)

// Redactor replaces the values that it knows. It may be used by any number of
// goroutines.
type Redactor struct {
	mu      sync.RWMutex
	index   index
	known   map[string]*value
	retired *list.List // of the values that may be forgotten, oldest first
	size    int        // of the forms of those, in bytes
}

// value is a secret that a redactor knows.
type value struct {
	text  string
	forms []string      // those in the index
	size  int           // of the forms
	old   *list.Element // its place among the retired; nil while it is in use
}

// New returns a redactor that knows the values.
func New(values ...string) *Redactor {
	r := &Redactor{index: newIndex(), known: make(map[string]*value), retired: list.New()}
	for _, v := range values {
		r.Add(v)
	}
	return r
}

// Add makes the redactor know a value in all its forms, for as long as it is in
// use: see [Redactor.Retire]. Values that are too short to be a secret, and
// words such as true, are passed over.
func (r *Redactor) Add(text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if v := r.learn(text); v != nil {
		r.use(v)
	}
}

// Learn is [Redactor.Add] for values that nobody will retire: those that were
// learned longest ago are forgotten once they are very many.
func (r *Redactor) Learn(texts ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, text := range texts {
		isNew := r.known[text] == nil
		if v := r.learn(text); v != nil && (isNew || v.old != nil) {
			r.use(v)
			r.retire(v)
		}
	}
}

// Retire says that a value is no longer in use, such as the password of an
// account that has ended. It stays hidden until very many others have been
// retired after it, so that a process that runs for years doesn't grow.
func (r *Redactor) Retire(text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if v := r.known[text]; v != nil && v.old == nil {
		r.retire(v)
	}
}

// learn returns the value of a text, and nil where that is no secret.
func (r *Redactor) learn(text string) *value {
	v := r.known[text]
	if v != nil || isCommon(text) {
		return v
	}
	v = &value{text: text, forms: formsOf(text)}
	for _, form := range v.forms {
		r.index.add(form)
		v.size += len(form)
	}
	r.known[text] = v
	return v
}

// use takes a value from the retired.
func (r *Redactor) use(v *value) {
	if v.old != nil {
		r.retired.Remove(v.old)
		r.size -= v.size
		v.old = nil
	}
}

// retire puts a value behind the retired, and forgets the oldest of those that
// are too many.
func (r *Redactor) retire(v *value) {
	v.old = r.retired.PushBack(v)
	r.size += v.size
	for r.size > maxRetired && r.retired.Len() > 1 {
		oldest := r.retired.Front().Value.(*value) //nolint:errcheck // the list holds nothing else
		r.use(oldest)
		for _, form := range oldest.forms {
			r.index.remove(form)
		}
		delete(r.known, oldest.text)
	}
}

// isCommon reports whether a text is in so many others that it can't be hidden,
// and needs not be: short ones, short numbers, the words of JSON.
func isCommon(text string) bool {
	trimmed := strings.TrimSpace(text)
	switch trimmed {
	case "true", "false", "null":
		return true
	}
	return len(trimmed) < MinLength || len(trimmed) < minDigits && strings.Trim(trimmed, "0123456789") == ""
}

// String returns text without the values.
func (r *Redactor) String(text string) string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	spans := r.index.find([]byte(text))
	if len(spans) == 0 {
		return text
	}
	var out strings.Builder
	at := 0
	for _, s := range spans {
		out.WriteString(text[at:s.start])
		out.WriteString(Placeholder)
		at = s.end
	}
	out.WriteString(text[at:])
	return out.String()
}

// Bytes returns text without the values, in memory of its own.
func (r *Redactor) Bytes(text []byte) []byte { return []byte(r.String(string(text))) }

// Error returns an error without the values in its text. It still is all that
// err is, for errors.Is and errors.As.
func (r *Redactor) Error(err error) error {
	if err == nil {
		return nil
	}
	return cleaned{r.String(err.Error()), err}
}

type cleaned struct {
	text string
	err  error
}

func (e cleaned) Error() string { return e.text }
func (e cleaned) Unwrap() error { return e.err }
