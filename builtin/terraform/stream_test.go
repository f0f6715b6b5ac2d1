package terraform

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const messages = `Warning: something that is no message
{"@level":"info","type":"version","terraform":"1.11.4"}
{"type":"resource_drift","change":{"action":"update"}}
{"type":"planned_change","change":{"action":"read"}}
{"type":"planned_change","change":{"action":"noop"}}
{"type":"planned_change","change":{"action":"move"}}
{"type":"planned_change","change":{"action":"update"}}
{"type":"planned_change","change":{"action":"of a later version"}}
{"type":"diagnostic","diagnostic":{"severity":"warning","summary":"Check block assertion failed"}}
{"type":"diagnostic","diagnostic":{"severity":"error","summary":"Invalid value","detail":"No.","range":{"filename":"main.tf","start":{"line":7}}}}
{"type":"diagnostic","diagnostic":{"severity":"error","summary":"Another"}}
{"type":"diagnostic"}
`

func TestStream(t *testing.T) {
	t.Parallel()
	for _, size := range []int{1, 7, 4096} {
		var s stream
		for rest := messages; rest != ""; {
			n := min(size, len(rest))
			if _, err := s.Write([]byte(rest[:n])); err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
		}
		got := []int{s.changes, s.drift, s.moved, s.failedChecks()}
		if diff := cmp.Diff([]int{2, 1, 1, 1}, got); diff != "" {
			t.Errorf("in parts of %d bytes (-want +got):\n%s", size, diff)
		}
		if want := (engine{"terraform", "1.11.4"}); s.engine != want {
			t.Errorf("made by %v, want %v", s.engine, want)
		}
		p := s.failure("The plan", errors.New("exit 1"))
		if p.summary != "Invalid value" || p.detail != "No. (main.tf line 7) (and 1 more)" || p.verdict != errored {
			t.Errorf("problem %+v", p)
		}
	}
}

func TestAPlanOfOpenTofuSaysSo(t *testing.T) {
	t.Parallel()
	var s stream
	s.message([]byte(`{"@message":"OpenTofu 1.9.0","tofu":"1.9.0","type":"version","ui":"1.2"}`))
	if want := (engine{"opentofu", "1.9.0"}); s.engine != want {
		t.Errorf("made by %v, want %v", s.engine, want)
	}
}

func TestFailures(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		line      string
		verdict   verdict
		summary   string
		wantsInit bool
	}{
		"nothing was reported":   {"", errored, "The plan failed", false},
		"the state is locked":    {`{"type":"diagnostic","diagnostic":{"severity":"error","summary":"Error acquiring the state lock"}}`, locked, "Error acquiring the state lock", false},
		"a module is missing":    {`{"type":"diagnostic","diagnostic":{"severity":"error","summary":"Module not installed"}}`, errored, "Module not installed", true},
		"the backend is new":     {`{"type":"diagnostic","diagnostic":{"severity":"error","summary":"Backend initialization required: please run \"terraform init\""}}`, errored, `Backend initialization required: please run "terraform init"`, true},
		"only a warning says so": {`{"type":"diagnostic","diagnostic":{"severity":"warning","summary":"Module not installed"}}`, errored, "The plan failed", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var s stream
			s.Write([]byte(test.line + "\n"))
			p := s.failure("The plan", errors.New("exit status 1\n╷\n│ Error: out of luck\n╵\n"))
			if p.verdict != test.verdict || p.summary != test.summary || s.wantsInit() != test.wantsInit {
				t.Errorf("problem %+v, wants init %v", p, s.wantsInit())
			}
			if test.summary == "The plan failed" && p.detail != "exit status 1 Error: out of luck" {
				t.Errorf("detail %q", p.detail)
			}
		})
	}
}

func TestALineWithoutEndIsPassedOver(t *testing.T) {
	t.Parallel()
	var s stream
	chunk := []byte(strings.Repeat("x", 1<<20))
	for range maxLine>>20 + 2 {
		s.Write(chunk)
	}
	if len(s.line) > maxLine {
		t.Errorf("%d bytes are kept", len(s.line))
	}
	s.Write([]byte("\n" + `{"type":"planned_change","change":{"action":"create"}}` + "\n"))
	if s.changes != 1 {
		t.Error("the message after the long line is lost")
	}
}

func FuzzStream(f *testing.F) {
	f.Add([]byte(messages), uint8(3))
	f.Add([]byte(`{"type":"diagnostic","diagnostic":{"range":{}}}`+"\n"), uint8(200))
	f.Fuzz(func(t *testing.T, output []byte, part uint8) {
		var whole, parts stream
		whole.Write(output)
		for size := int(part) + 1; len(output) > 0; {
			n := min(size, len(output))
			parts.Write(output[:n])
			output = output[n:]
		}
		if diff := cmp.Diff(whole, parts, cmp.AllowUnexported(stream{}, engine{})); diff != "" {
			t.Errorf("the parts matter (-whole +parts):\n%s", diff)
		}
		whole.wantsInit()
		whole.failure("plan", errors.New("e"))
	})
}
