// Package redact keeps secrets out of what is written for people and for other
// programs: every value it has been told of is replaced, also where it has been
// encoded on its way.
//
//	hidden := redact.New()
//	hidden.Add(password)
//	log := hclog.New(&hclog.LoggerOptions{Output: hidden.Writer(os.Stderr)})
package redact

import (
	"slices"
	"strings"
	"sync"
)

// Placeholder is what stands in the place of a secret.
const Placeholder = "(sensitive value)"

// MinLength is the number of bytes below which a value isn't replaced: so
// short a text is in many words that are no secret.
const MinLength = 6

// maxRetired bounds how many values are remembered that are no longer in use.
const maxRetired = 1024

// Redactor replaces the values that it knows. It may be used by any number of
// goroutines.
type Redactor struct {
	mu      sync.RWMutex
	index   index
	known   map[string][]string // a value -> the forms in the index
	retired []string            // values that may be forgotten, oldest first
}

// New returns a redactor that knows nothing yet.
func New() *Redactor {
	return &Redactor{index: newIndex(), known: make(map[string][]string)}
}

// Add makes the redactor know a value in all its forms. Values shorter than
// [MinLength] are passed over.
func (r *Redactor) Add(value string) {
	if len(value) < MinLength {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.retired = slices.DeleteFunc(r.retired, func(v string) bool { return v == value })
	if _, ok := r.known[value]; ok {
		return
	}
	forms := formsOf(value)
	r.known[value] = forms
	for _, form := range forms {
		r.index.add(form)
	}
}

// Retire says that a value is no longer in use, such as the password of an
// account that has ended. It stays hidden until a thousand others have been
// retired after it, so that a process that runs for years doesn't grow.
func (r *Redactor) Retire(value string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, ok := r.known[value]; !ok || slices.Contains(r.retired, value) {
		return
	}
	r.retired = append(r.retired, value)
	if len(r.retired) <= maxRetired {
		return
	}
	oldest := r.retired[0]
	r.retired = slices.Delete(r.retired, 0, 1)
	for _, form := range r.known[oldest] {
		r.index.remove(form)
	}
	delete(r.known, oldest)
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
