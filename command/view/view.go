// Package view shows people and programs what a command has to say. It is the
// only package that writes to the standard output and the standard error:
// results go to the first, progress and problems to the second.
package view

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/hashicorp/hcl/v2"
	"golang.org/x/term"

	"github.com/driftless-hq/driftless/internal/secret/redact"
)

// Streams are where a command reads and writes.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
}

// OS returns the streams of the process.
func OS() Streams { return Streams{os.Stdin, os.Stdout, os.Stderr} }

// Interactive reports whether somebody is there to answer a question.
func (s Streams) Interactive() bool { return isTerminal(s.In) && isTerminal(s.Err) }

// Terminal reports whether the results go to a terminal.
func (s Streams) Terminal() bool { return isTerminal(s.Out) }

func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// Options say how to show things.
type Options struct {
	JSON    bool // lines of JSON instead of text
	NoColor bool
	Now     func() time.Time
}

// View shows the output of one command. It is safe for concurrent use.
type View struct {
	Streams
	// Hidden keeps secrets out of diagnostics and of JSON.
	Hidden *redact.Redactor
	// Results is the standard output, as everything that the view shows goes
	// there.
	Results *Output

	json  bool
	now   func() time.Time
	out   style
	err   style
	files map[string]*hcl.File
	begun sync.Once // the stream of JSON
	// oneDocument says that the standard output is for a document of JSON alone.
	oneDocument bool

	mu sync.Mutex
}

// New returns a view. Colour is used on terminals only, and not where the
// environment has NO_COLOR (no-color.org).
func New(s Streams, o Options) *View {
	plain := o.NoColor || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb"
	return &View{
		Streams: s,
		Hidden:  redact.New(),
		Results: NewOutput(s.Out),
		json:    o.JSON,
		now:     o.Now,
		out:     newStyle(s.Out, plain),
		err:     newStyle(s.Err, plain),
	}
}

// IsJSON reports whether the view writes JSON.
func (v *View) IsJSON() bool { return v.json }

// OneDocument says that the JSON of the command is no stream, so that warnings
// go to the standard error, as text. An error is told in a stream all the same,
// in the place of the document.
func (v *View) OneDocument() { v.oneDocument = true }

// SetFiles gives the view the files that diagnostics show excerpts of.
func (v *View) SetFiles(files map[string]*hcl.File) { v.files = files }

// Print writes text to the standard output.
func (v *View) Print(format string, args ...any) {
	v.mu.Lock()
	defer v.mu.Unlock()
	fmt.Fprintf(v.Results, format, args...)
}

// Progress writes a line to the standard error, for people only.
func (v *View) Progress(format string, args ...any) {
	if v.json {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	fmt.Fprintf(v.Err, format+"\n", args...)
}

// Notice tells people and programs of something that is no result: why it
// takes time, or that it is about to end. The summary is a fixed phrase.
func (v *View) Notice(summary, detail string) {
	if !v.json {
		v.Progress("%s", v.err.wrap(detail, 0))
		return
	}
	v.Diagnostics(hcl.Diagnostics{{Severity: hcl.DiagWarning, Summary: summary, Detail: detail}})
}

// message is one line of the JSON output, in the manner of Terraform's
// machine-readable UI.
type message map[string]any

// message writes one record of a stream, and before the first its version.
func (v *View) message(level, kind, text string, more message) {
	v.Begin()
	v.record(level, kind, text, more)
}

func (v *View) record(level, kind, text string, more message) {
	more["@level"] = level
	more["@message"] = text
	more["@module"] = "driftless"
	more["@timestamp"] = v.now().UTC().Format(time.RFC3339Nano)
	more["type"] = kind
	v.document(more)
}

// document writes one line of JSON.
func (v *View) document(value any) {
	line, err := json.Marshal(value)
	if err != nil {
		line, _ = json.Marshal(message{"@level": "error", "type": "diagnostic", "@message": err.Error()})
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	line = v.hideIn(line)
	v.Results.Write(append(line, '\n')) //nolint:errcheck // the output remembers it
}

// hideIn keeps secrets out of a line of JSON. A secret that is a number may be
// part of another one; then only the strings are looked at, so that the line
// stays JSON.
func (v *View) hideIn(line []byte) []byte {
	hidden := v.Hidden.Bytes(line)
	if json.Valid(hidden) {
		return hidden
	}
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.UseNumber()
	var value any
	if decoder.Decode(&value) != nil {
		return hidden
	}
	clean, err := json.Marshal(v.hideStrings(value))
	if err != nil {
		return hidden
	}
	return clean
}

func (v *View) hideStrings(value any) any {
	switch value := value.(type) {
	case string:
		return v.Hidden.String(value)
	case []any:
		for i, inner := range value {
			value[i] = v.hideStrings(inner)
		}
	case map[string]any:
		for name, inner := range value {
			value[name] = v.hideStrings(inner)
		}
	}
	return value
}
