package terraform

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// maxLine bounds one message of the command. A longer one is passed over.
const maxLine = 16 << 20

// stream reads the messages that the command writes with -json, one a line,
// and keeps what the verdict needs. What isn't a message is passed over.
type stream struct {
	line    []byte
	skip    bool // the rest of a line that is too long
	changes int  // of resources that an apply would make
	drift   int  // resources that moved in the real world
	moved   int  // resources that only have a new address
	diags   []diagnostic
}

// diagnostic is a problem that the command reports.
type diagnostic struct {
	Severity string `json:"severity"`
	Summary  string `json:"summary"`
	Detail   string `json:"detail"`
	Range    *struct {
		Filename string `json:"filename"`
		Start    struct {
			Line int `json:"line"`
		} `json:"start"`
	} `json:"range"`
}

// Write takes the next part of the output. It never fails: an error would end
// the command for the sake of its log.
func (s *stream) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		part, rest, ended := bytes.Cut(p, []byte("\n"))
		if len(s.line)+len(part) > maxLine {
			s.skip = true
			s.line = nil
		}
		if !s.skip {
			s.line = append(s.line, part...)
		}
		if ended {
			s.message(s.line)
			s.line, s.skip = s.line[:0], false
		}
		p = rest
	}
	return n, nil
}

func (s *stream) message(line []byte) {
	var m struct {
		Type   string `json:"type"`
		Change struct {
			Action string `json:"action"`
		} `json:"change"`
		Diagnostic *diagnostic `json:"diagnostic"`
	}
	if json.Unmarshal(line, &m) != nil {
		return
	}
	switch m.Type {
	case "diagnostic":
		if m.Diagnostic != nil {
			s.diags = append(s.diags, *m.Diagnostic)
		}
	case "resource_drift":
		s.drift++
	case "planned_change":
		switch m.Change.Action {
		case "noop", "read":
		case "move":
			s.moved++
		default: // also what a later version may come up with
			s.changes++
		}
	}
}

// failedChecks counts the check blocks that don't hold. They are warnings, and
// the command succeeds.
func (s *stream) failedChecks() int {
	n := 0
	for _, d := range s.diags {
		if d.Summary == "Check block assertion failed" {
			n++
		}
	}
	return n
}

// problem is why a stack could not be checked.
type problem struct {
	verdict verdict // errored or locked
	summary string
	detail  string
}

// needsInit are the diagnostics of a plan that an init cures. Terraform and
// OpenTofu word them alike; some have two spellings.
var needsInit = []string{
	"Inconsistent dependency lock file",
	"Module not installed",
	"Module source has changed",
	"Module version requirements have changed",
	"Backend initialization required",
	"Backend type changed",
	"Backend configuration changed",
	"Initialization required",
	"Required plugins are not installed",
	"Provider requirements cannot be satisfied",
	"Could not load plugin",
}

func (s *stream) wantsInit() bool {
	return slices.ContainsFunc(s.errors(), func(d diagnostic) bool {
		return slices.ContainsFunc(needsInit, func(start string) bool { return strings.HasPrefix(d.Summary, start) })
	})
}

func (s *stream) errors() []diagnostic {
	return slices.DeleteFunc(slices.Clone(s.diags), func(d diagnostic) bool { return d.Severity != "error" })
}

// failure makes one problem of what the command reported. err is used where it
// reported nothing, as when it could not be started.
func (s *stream) failure(doing string, err error) *problem {
	reported := s.errors()
	if len(reported) == 0 {
		return &problem{errored, doing + " failed", plainText(err.Error())}
	}
	first := reported[0]
	p := &problem{errored, first.Summary, strings.TrimSpace(first.Detail)}
	if first.Range != nil {
		p.detail = strings.TrimSpace(fmt.Sprintf("%s (%s line %d)", p.detail, first.Range.Filename, first.Range.Start.Line))
	}
	if more := len(reported) - 1; more > 0 {
		p.detail = fmt.Sprintf("%s (and %d more)", cmp.Or(p.detail, p.summary), more)
	}
	if strings.Contains(first.Summary, "state lock") {
		p.verdict = locked
	}
	return p
}

// maxDetail bounds what is kept of an error, in bytes.
const maxDetail = 2000

// plainText takes the frame off a diagnostic that is meant for a terminal.
func plainText(s string) string {
	var lines []string
	for line := range strings.Lines(s) {
		if line = strings.TrimSpace(strings.TrimLeft(line, "╷│╵ \t")); line != "" {
			lines = append(lines, line)
		}
	}
	return shorten(strings.Join(lines, " "), maxDetail)
}

func shorten(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	return strings.ToValidUTF8(s[:limit], "") + "…"
}
