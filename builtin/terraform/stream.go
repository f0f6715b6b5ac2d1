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
	managed int  // resources that were read
	outputs int  // that an apply would change
	// imported are resources that the code takes over, and are changes, too.
	imported int
	engine   engine
	diags    []diagnostic
	// What an apply has begun and finished, by address.
	begun, done []string
}

// engine is the program that a plan says it was made by.
type engine struct{ name, version string }

const openTofu = "opentofu"

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

// The messages about the reading of a resource, which are nearly all of them.
// Within a text their quotes would have backslashes.
var (
	refreshStart    = []byte(`"type":"refresh_start"`)
	refreshComplete = []byte(`"type":"refresh_complete"`)
)

func (s *stream) message(line []byte) {
	switch {
	case bytes.Contains(line, refreshStart):
		return
	case bytes.Contains(line, refreshComplete):
		s.managed++
		return
	}
	var m struct {
		Type      string `json:"type"`
		Terraform string `json:"terraform"`
		Tofu      string `json:"tofu"`
		Change    struct {
			Action    string          `json:"action"`
			Importing json.RawMessage `json:"importing"`
		} `json:"change"`
		Outputs map[string]struct {
			Action string `json:"action"`
		} `json:"outputs"`
		Diagnostic *diagnostic `json:"diagnostic"`
		Hook       struct {
			Resource struct {
				Addr string `json:"addr"`
			} `json:"resource"`
			Action string `json:"action"`
		} `json:"hook"`
	}
	if json.Unmarshal(line, &m) != nil {
		return
	}
	switch m.Type {
	case "version":
		s.engine = engine{"terraform", m.Terraform}
		if m.Tofu != "" {
			s.engine = engine{openTofu, m.Tofu}
		}
	case "diagnostic":
		if m.Diagnostic != nil {
			s.diags = append(s.diags, *m.Diagnostic)
		}
	case "resource_drift":
		s.drift++
	case "outputs":
		for _, output := range m.Outputs {
			if output.Action != "" && output.Action != "noop" {
				s.outputs++
			}
		}
	case "apply_start", "apply_complete":
		s.appliedChange(m.Type, m.Hook.Resource.Addr, m.Hook.Action)
	case "planned_change":
		s.plannedChange(m.Change.Action, len(m.Change.Importing) > 0)
	}
}

func (s *stream) appliedChange(message, address, action string) {
	switch {
	case action == "read":
	case message == "apply_start":
		s.begun = append(s.begun, address)
	default:
		s.done = append(s.done, address)
	}
}

func (s *stream) plannedChange(action string, imports bool) {
	if imports || action == "import" {
		s.imported++
	}
	switch action {
	case "noop", "read":
		if imports {
			s.changes++
		}
	case "move":
		s.moved++
	default: // also what a later version may come up with
		s.changes++
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

// needsInit are the diagnostics of a plan that an init cures. Terraform and
// OpenTofu word them alike; some have two spellings.
var needsInit = []string{
	"Inconsistent dependency lock file",
	"Module not installed",
	"Module source has changed",
	"Module version requirements have changed",
	"Backend initialization required",
	"HCP Terraform or Terraform Enterprise initialization required",
	"Terraform Cloud initialization required",
	"Cloud backend initialization required",
	"Backend type changed",
	"Backend configuration changed",
	"Initialization required",
	"Required plugins are not installed",
	"Provider requirements cannot be satisfied",
	"Could not load plugin",
}

// damaged are the diagnostics of a data directory in which something is half
// written. An init reads that, too, and doesn't cure it.
var damaged = []string{
	"Failed to load state: ",
	"failed to read module manifest: ",
}

func (s *stream) wantsInit() bool { return s.begins(needsInit) || s.isDamaged() }

func (s *stream) isDamaged() bool { return s.begins(damaged) }

// begins reports whether the summary of an error begins with one of the texts.
func (s *stream) begins(texts []string) bool {
	return slices.ContainsFunc(s.errors(), func(d diagnostic) bool {
		return slices.ContainsFunc(texts, func(start string) bool { return strings.HasPrefix(d.Summary, start) })
	})
}

func (s *stream) errors() []diagnostic {
	return slices.DeleteFunc(slices.Clone(s.diags), func(d diagnostic) bool { return d.Severity != "error" })
}

// failed makes an error of what the command reported in a phase. err is used
// where it reported nothing, as when it could not be started; then s may be nil.
func (s *stream) failed(p phase, err error) error {
	found := s.failure("The "+string(p), err)
	found.phase = p
	return reported{found, err}
}

func (s *stream) failure(doing string, err error) *problem {
	p := &problem{verdict: errored}
	if s == nil || len(s.errors()) == 0 {
		p.summary, p.detail = doing+" failed", plainText(err.Error())
	} else {
		p.summary, p.detail = s.said()
	}
	p.summary, p.detail = printable(p.summary), printable(p.detail)
	if p.kind = kindOf(p.summary, p.detail); p.kind == failedLock {
		p.verdict = locked
	}
	return p
}

// said is the first error that the command reported, with where it is.
func (s *stream) said() (summary, detail string) {
	all := s.errors()
	first := all[0]
	detail = strings.TrimSpace(first.Detail)
	if first.Range != nil {
		detail = strings.TrimSpace(fmt.Sprintf("%s (%s line %d)", detail, first.Range.Filename, first.Range.Start.Line))
	}
	if more := len(all) - 1; more > 0 {
		detail = fmt.Sprintf("%s (and %d more)", cmp.Or(detail, first.Summary), more)
	}
	return first.Summary, detail
}
