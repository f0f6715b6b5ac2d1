package logs

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestLinesAreCutAtTheirEnds(t *testing.T) {
	long := strings.Repeat("x", 10)
	tests := map[string]struct {
		text string
		want []received
	}{
		"a carriage return belongs to the line end": {
			"one\r\ntwo\r\n", []received{{Body: "one"}, {Body: "two", Offset: 5}},
		},
		"a carriage return within a line is kept": {
			"a\rb\n", []received{{Body: "a\rb"}},
		},
		"zero bytes and bytes that are no text are kept": {
			"a\x00b\n\xff\xfe\n", []received{{Body: "a\x00b"}, {Body: "\xff\xfe", Offset: 4}},
		},
		"empty lines are left out but count for the offset": {
			"\n\r\none\n\n\ntwo\n", []received{{Body: "one", Offset: 3}, {Body: "two", Offset: 9}},
		},
		"a line of the greatest length is whole": {
			long + "\n" + long + "\r\n", []received{{Body: long}, {Body: long, Offset: 11}},
		},
		"a longer line is cut and says so": {
			long + "yz\nnext\n", []received{{Body: long, Truncated: true}, {Body: "next", Offset: 13}},
		},
		"a last line without an end is not sent": {
			"one\ntwo", []received{{Body: "one"}},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, "app.log")
				r.config.MaxLine = 10
				r.write("app.log", test.text)
				r.start()
				r.pass(time.Second)
				r.must(r.stop())
				for i := range test.want {
					test.want[i].Path = "app.log"
				}
				if diff := cmp.Diff(test.want, r.sink.all()); diff != "" {
					t.Errorf("events differ (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// FuzzLines writes a text in pieces, cut where the second argument says, and
// reads it in blocks far smaller than usual.
func FuzzLines(f *testing.F) {
	f.Add([]byte("one\ntwo\r\n\nthree"), []byte{3, 1, 4}, uint8(5))
	f.Add([]byte(strings.Repeat("long", 300)+"\nshort\n"), []byte{255, 255, 7}, uint8(40))
	f.Add([]byte("\r\n\r\n\x00\r\r\n"), []byte{1, 1, 1, 1}, uint8(1))
	f.Fuzz(func(t *testing.T, text, cuts []byte, limit uint8) {
		// A file that begins like a compressed one is not read at all.
		text = append([]byte("> "), text...)
		max := int(limit) + 1
		if diff := cmp.Diff(wholeLines(text, max), linesInPieces(t, text, cuts, max)); diff != "" {
			t.Errorf("lines differ (-want +got):\n%s", diff)
		}
	})
}

// wholeLines cuts a text the plain way.
func wholeLines(text []byte, max int) []received {
	found := []received{}
	offset := int64(0)
	for line := range bytes.Lines(text) {
		body, ended := bytes.CutSuffix(line, []byte("\n"))
		if !ended {
			break
		}
		body = bytes.TrimSuffix(body, []byte("\r"))
		if len(body) > 0 {
			found = append(found, received{
				Path: "fuzz", Body: string(body[:min(len(body), max)]), Offset: offset, Truncated: len(body) > max,
			})
		}
		offset += int64(len(line))
	}
	return found
}

// linesInPieces reads a file that grows piece by piece.
func linesInPieces(t *testing.T, text, cuts []byte, max int) []received {
	t.Helper()
	r := newRig(t, "fuzz")
	r.config.MaxLine = 1
	tailer := r.tailer()
	tailer.block = block{buf: make([]byte, anchorSize+64), max: max}
	defer tailer.closeAll()
	r.write("fuzz", "")
	tailer.begin(context.Background())
	file, err := os.OpenFile(r.path("fuzz"), os.O_APPEND|os.O_WRONLY, 0)
	r.must(err)
	defer file.Close()

	found := []received{}
	for len(text) > 0 {
		n := len(text)
		if len(cuts) > 0 {
			n, cuts = min(1+int(cuts[0]), n), cuts[1:]
		}
		_, err := file.Write(text[:n])
		r.must(err)
		text = text[n:]
		tailer.tails[0].due, tailer.more = true, true
		for rounds := 0; tailer.more; rounds++ {
			if rounds > 10*(len(cuts)+n+10) {
				t.Fatalf("reading comes to no end")
			}
			if f := tailer.next(); f != nil {
				for i := range f.batch.Len() {
					found = append(found, receivedAt(f.batch, i))
				}
			}
		}
	}
	return found
}
