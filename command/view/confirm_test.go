package view

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"time"
)

func TestOnlyYesIsYes(t *testing.T) {
	for answer, want := range map[string]bool{"yes\n": true, "  yes \n": true, "yes": true, "y\n": false, "no\n": false, "\n": false, "": false, "YES\n": false} {
		var out bytes.Buffer
		v := New(Streams{In: strings.NewReader(answer), Out: io.Discard, Err: &out}, Options{Now: time.Now})
		if got := v.Confirm(t.Context()); got != want {
			t.Errorf("%q is %t", answer, got)
		}
		if !strings.Contains(out.String(), "Apply these changes?") {
			t.Errorf("asked %q", out.String())
		}
	}
}

func TestAQuestionDoesNotOutliveTheRun(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	silent, never := io.Pipe()
	t.Cleanup(func() { never.Close() })
	v := New(Streams{In: silent, Out: io.Discard, Err: io.Discard}, Options{Now: time.Now})
	if v.Confirm(ctx) {
		t.Error("silence is taken for a yes")
	}
}
