package pluginhost

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/hashicorp/go-hclog"
)

// What a provider may write. It can't fill the log of the host, nor its memory.
const (
	maxLine   = 8 << 10 // bytes of one line that are kept
	maxFields = 32
	lineRate  = 50  // lines a second
	lineBurst = 500 // lines at once
	tailLines = 20  // the last lines, for whoever asks why the process ended
)

// output makes the log of what a provider writes to its standard error.
type output struct {
	log    hclog.Logger
	redact func(string) string
	now    func() time.Time

	mu      sync.Mutex
	line    []byte
	cut     bool // the line is longer than what is kept
	panics  bool // what comes is a stack
	tail    []string
	room    float64 // for so many lines
	at      time.Time
	omitted int
}

func newOutput(log hclog.Logger, redact func(string) string, now func() time.Time) *output {
	return &output{log: log, redact: redact, now: now, room: lineBurst, at: now()}
}

// Write implements [io.Writer]. It never fails.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	written := len(p)
	for len(p) > 0 {
		end := bytes.IndexByte(p, '\n')
		part := p
		if end >= 0 {
			part = p[:end]
		}
		room := min(len(part), maxLine-len(o.line))
		o.line = append(o.line, part[:room]...)
		o.cut = o.cut || room < len(part)
		if end < 0 {
			break
		}
		o.flush()
		p = p[end+1:]
	}
	return written, nil
}

// flush logs the line.
func (o *output) flush() {
	line, cut := o.line, o.cut
	o.line, o.cut = o.line[:0], false
	if len(bytes.TrimSpace(line)) == 0 {
		return
	}
	entry := o.entryOf(line)
	if cut {
		entry.message += " (the rest of the line was left out)"
	}
	if !entry.structured || entry.level >= hclog.Warn {
		o.tail = append(o.tail[max(0, len(o.tail)-tailLines+1):], entry.text())
	}
	if !o.mayLog() {
		o.omitted++
		return
	}
	o.tellOmitted()
	o.log.Log(entry.level, entry.message, entry.args...)
}

// mayLog takes up room for one line.
func (o *output) mayLog() bool {
	now := o.now()
	o.room = min(lineBurst, o.room+now.Sub(o.at).Seconds()*lineRate)
	o.at = now
	if o.room < 1 {
		return false
	}
	o.room--
	return true
}

func (o *output) tellOmitted() {
	if o.omitted > 0 {
		o.log.Warn("the provider writes too much; lines of it were left out", "lines", o.omitted)
		o.omitted = 0
	}
}

// entry is one line as it is logged.
type entry struct {
	structured bool // the provider has said of what level it is
	level      hclog.Level
	message    string
	args       []any
}

// text is the message with the error that belongs to it.
func (e entry) text() string {
	if at := slices.Index(e.args, any("error")); at >= 0 && at+1 < len(e.args) {
		return fmt.Sprintf("%s: %s", e.message, e.args[at+1])
	}
	return e.message
}

// entryOf reads a line in the form of hclog, or any other.
func (o *output) entryOf(line []byte) entry {
	var fields map[string]any
	if line[0] == '{' && json.Unmarshal(line, &fields) == nil {
		if message, ok := fields["@message"].(string); ok {
			return o.structured(message, fields)
		}
	}
	text := string(line)
	o.panics = o.panics || strings.HasPrefix(text, "panic: ") || strings.HasPrefix(text, "fatal error: ")
	level := hclog.Info
	if o.panics {
		level = hclog.Error
	}
	return entry{level: level, message: o.clean(text)}
}

func (o *output) structured(message string, fields map[string]any) entry {
	level, _ := fields["@level"].(string)
	e := entry{structured: true, level: hclog.LevelFromString(level), message: o.clean(message)}
	if e.level == hclog.NoLevel || e.level == hclog.Off {
		e.level = hclog.Info
	}
	if at, _ := fields["@module"].(string); at != "" {
		e.args = append(e.args, "at", o.clean(at))
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if !strings.HasPrefix(name, "@") && len(e.args) < 2*maxFields {
			e.args = append(e.args, o.clean(name), o.clean(fmt.Sprint(fields[name])))
		}
	}
	return e
}

// clean hides secrets, and what could move the cursor of a terminal.
func (o *output) clean(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\t' || unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, o.redact(text))
}

// last returns what was written last: of a panic what it says.
func (o *output) last() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.line) > 0 {
		o.flush()
	}
	o.tellOmitted()
	at := slices.IndexFunc(o.tail, func(line string) bool {
		return strings.HasPrefix(line, "panic: ") || strings.HasPrefix(line, "fatal error: ")
	})
	switch {
	case at >= 0:
		return o.tail[at]
	case len(o.tail) > 0:
		return o.tail[len(o.tail)-1]
	}
	return ""
}
