package process_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/driftless-hq/driftless/internal/process"
)

// parts keeps what is written to it, part by part.
type parts struct {
	got   []string
	first func() // called with the first part; nil: nothing is
	err   error
}

func (p *parts) Write(b []byte) (int, error) {
	if p.got = append(p.got, string(b)); len(p.got) == 1 && p.first != nil {
		p.first()
	}
	return len(b), p.err
}

func TestStdoutIsHandedOn(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		script string
		want   string
	}{
		"nothing":                                {script: "true"},
		"the end of a line":                      {script: "printf a; printf b >&2; printf c", want: "ac"},
		"more than a pipe holds":                 {script: "head -c 1000000 /dev/zero | tr '\\0' x", want: strings.Repeat("x", 1000000)},
		"of a program that fails":                {script: "echo before; exit 3", want: "before\n"},
		"held by what goes on in the background": {script: "sleep 60 & echo done", want: "done\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			t.Cleanup(func() { killMarked(t, t.Name()) })
			var out parts
			result, err := process.Run(t.Context(), process.Spec{Args: sh(test.script), Stdout: &out,
				Env: append(process.Environment(nil, nil), process.Marker(t.Name()))})
			if err != nil {
				t.Fatal(err)
			}
			got := strings.Join(out.got, "")
			if got != test.want || len(result.Stdout) > 0 {
				t.Errorf("stdout is %d bytes, want %d; the result has %q", len(got), len(test.want), result.Stdout)
			}
		})
	}
}

func TestLinesAreHandedOnInFewParts(t *testing.T) {
	t.Parallel()
	const lines = 200
	var out parts
	script := "i=0; while [ $i -lt 200 ]; do echo line; sleep 0.001; i=$((i+1)); done"
	if _, err := process.Run(t.Context(), process.Spec{Args: sh(script), Stdout: &out}); err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(strings.Join(out.got, ""), "line\n"); got != lines || len(out.got) > lines/2 {
		t.Errorf("%d lines in %d parts, want %d in far fewer", got, len(out.got), lines)
	}
}

func TestStdoutUntilTheProgramIsEnded(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	out := parts{first: cancel}
	_, err := process.Run(ctx, process.Spec{Args: sh("trap 'echo bye; exit' TERM; echo hello; while :; do sleep 0.01; done"), Stdout: &out})
	if got := strings.Join(out.got, ""); !errors.Is(err, context.Canceled) || got != "hello\nbye\n" {
		t.Errorf("stdout is %q, error %v", got, err)
	}
}

func TestStdoutThatCantBeHandedOn(t *testing.T) {
	t.Parallel()
	full := errors.New("no room")
	if _, err := process.Run(t.Context(), process.Spec{Args: []string{"echo", "a"}, Stdout: &parts{err: full}}); !errors.Is(err, full) {
		t.Errorf("error %v, want %v", err, full)
	}
	if result, err := process.Run(t.Context(), process.Spec{Args: sh("while :; do echo a; done"), Stdout: &parts{err: full}}); !errors.Is(err, full) {
		t.Errorf("error %v of a program that never stops writing, want %v; %+v", err, full, result)
	}
	if _, err := process.Run(t.Context(), process.Spec{Args: []string{"/no/such/program"}, Stdout: &parts{}}); !errors.Is(err, process.ErrNotStarted) {
		t.Errorf("error %v, want %v", err, process.ErrNotStarted)
	}
}
