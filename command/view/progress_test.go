package view

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/internal/plan"
)

func TestWhatTakesLongSaysHowFarItHasCome(t *testing.T) {
	infra := addr.Addr{Kind: addr.Task, Type: "terraform", Name: "infra"}
	for _, tt := range []struct {
		name   string
		isJSON bool
		found  []string
		want   string
	}{
		{"a task that tells nothing before its end", false, nil, "reading task.terraform.infra: still at it after 1m0s\n"},
		{"a task that does", false, []string{"a", "b", "a"}, "reading task.terraform.infra: still at it after 1m0s, 2 of 500 done\n"},
		{"the same as JSON", true, []string{"a"}, `"done":1`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			now := time.Unix(0, 0)
			v := New(Streams{Out: io.Discard, Err: &out}, Options{Now: func() time.Time { return now }, JSON: tt.isJSON})
			if tt.isJSON {
				v.Out, v.Results = &out, NewOutput(&out)
			}
			p := v.Observe()
			defer p.Close()
			p.Reading(infra)
			for _, name := range tt.found {
				p.Found(infra, plan.FindingRecord{Name: name}, 500)
			}
			now = now.Add(time.Minute)
			p.stillAtWork()
			if !strings.Contains(out.String(), tt.want) {
				t.Errorf("said %q, want %q", out.String(), tt.want)
			}
		})
	}
}
