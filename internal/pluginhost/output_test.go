package pluginhost

import (
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
)

func outputInto(log *logged, now func() time.Time) *output {
	logger := hclog.New(&hclog.LoggerOptions{Name: "acme", Level: hclog.Trace, Output: log, DisableTime: true})
	return newOutput(logger, func(text string) string { return strings.ReplaceAll(text, "hunter2", "***") }, now)
}

func TestLinesOfAProviderBecomeEntriesOfTheLog(t *testing.T) {
	tests := []struct{ name, written, want string }{
		{"a line of hclog keeps its level and its fields", `{"@level":"warn","@message":"slow","@module":"sink.acme.a","ms":12,"b":"x y"}` + "\n", `[WARN]  acme: slow: at=sink.acme.a b="x y" ms=12` + "\n"},
		{"any other line is information", "hello\n", "[INFO]  acme: hello\n"},
		{"a panic and its stack are errors", "panic: oh\ngoroutine 1\n", "[ERROR] acme: panic: oh\n[ERROR] acme: goroutine 1\n"},
		{"a level that there isn't is information", `{"@level":"loud","@message":"a"}` + "\n", "[INFO]  acme: a\n"},
		{"other JSON is a line", `{"a":1}` + "\n", `[INFO]  acme: {"a":1}` + "\n"},
		{"secrets are hidden", `{"@message":"hunter2","k":"a hunter2"}` + "\nhunter2\n", "[INFO]  acme: ***: k=\"a ***\"\n[INFO]  acme: ***\n"},
		{"nothing moves the cursor", "\x1b[2Jgone\n", "[INFO]  acme: \ufffd[2Jgone\n"},
		{"empty lines are left out", "\n  \n\r\n", ""},
		{"a long line is cut", strings.Repeat("x", 3*maxLine) + "\n", "[INFO]  acme: " + strings.Repeat("x", maxLine) + " (the rest of the line was left out)\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			log := &logged{}
			o := outputInto(log, time.Now)
			for piece := range strings.SplitSeq(test.written, "") { // it comes in pieces
				if _, err := o.Write([]byte(piece)); err != nil {
					t.Fatal(err)
				}
			}
			if got := log.String(); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestWhatIsTooMuchIsCounted(t *testing.T) {
	log, now := &logged{}, time.Unix(0, 0)
	o := outputInto(log, func() time.Time { return now })
	for range lineBurst + 10 {
		o.Write([]byte("noise\n"))
	}
	if n := strings.Count(log.String(), "noise"); n != lineBurst {
		t.Errorf("%d lines were logged, want %d", n, lineBurst)
	}
	now = now.Add(time.Second)
	o.Write([]byte("later\n"))
	if text := log.String(); !strings.Contains(text, "lines=10") || !strings.HasSuffix(text, "acme: later\n") {
		t.Errorf("the end of the log is %q", text[len(text)-200:])
	}
}

func FuzzOutput(f *testing.F) {
	f.Add([]byte(`{"@level":"warn","@message":"slow","a":[1,{"b":null}]}` + "\npanic: x\n\xff\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		log := &logged{}
		o := outputInto(log, time.Now)
		if n, err := o.Write(text); n != len(text) || err != nil {
			t.Errorf("%d, %v", n, err)
		}
		o.last()
		if strings.ContainsAny(log.String(), "\x1b\x00\r") {
			t.Errorf("the log holds control characters: %q", log)
		}
	})
}
