package redact

import (
	"io"
	"sync"
)

// Writer passes on what is written to it without the values that its redactor
// knows, also where one comes in several pieces. It holds back only what may
// be the beginning of such a value, so never more than the longest of them.
type Writer struct {
	redactor *Redactor
	mu       sync.Mutex
	out      io.Writer
	held     []byte
	// covered is how many of the held bytes end a value whose placeholder is
	// written already. They are held because they may begin another one.
	covered int
}

var _ io.WriteCloser = (*Writer)(nil)

// Writer returns a writer to out. Close it to write what it holds back; out
// stays open.
func (r *Redactor) Writer(out io.Writer) *Writer { return &Writer{redactor: r, out: out} }

// Write passes p on. What out refuses is lost.
func (w *Writer) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var clean []byte
	clean, w.held, w.covered = w.redactor.split(append(w.held, p...), w.covered)
	if len(clean) == 0 {
		return len(p), nil
	}
	if _, err := w.out.Write(clean); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Close writes what was held back. The larger part of a secret is still one,
// so a beginning that is long enough is replaced like the whole.
func (w *Writer) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	rest := w.held[w.covered:]
	if len(w.held) >= MinLength && len(rest) > 0 {
		rest = nil
		if w.covered == 0 {
			rest = []byte(Placeholder)
		}
	}
	w.held, w.covered = nil, 0
	if len(rest) == 0 {
		return nil
	}
	_, err := w.out.Write(rest)
	return err
}

// split returns the part of a text that can be written, without the values,
// and the rest, which may be the beginning of one. The first covered bytes of
// the text, and then of the rest, belong to a value that is written already.
func (r *Redactor) split(text []byte, covered int) (clean, rest []byte, restCovered int) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	cut := r.index.unfinished(text)
	at := covered // what lies before it is in clean, or needs not be
	for _, s := range r.index.find(text) {
		if s.start >= cut && s.start > at {
			break
		}
		if s.start > at || at == 0 {
			clean = append(clean, text[at:s.start]...)
			clean = append(clean, Placeholder...)
		}
		at = max(at, s.end)
	}
	if at < cut {
		clean = append(clean, text[at:cut]...)
		at = cut
	}
	return clean, text[cut:], at - cut
}
