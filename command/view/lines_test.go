package view

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

func TestLinesOfAPipe(t *testing.T) {
	v := New(Streams{In: strings.NewReader("a\r\n\nb"), Out: io.Discard, Err: io.Discard}, Options{})
	lines := v.NewLines()
	var got []string
	for {
		line, err := lines.Next(t.Context(), "> ")
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, line)
	}
	if want := []string{"a", "", "b"}; !slices.Equal(got, want) {
		t.Errorf("the lines are %q, want %q", got, want)
	}
}

func TestALineOfAPipeThatIsTooLongIsAnError(t *testing.T) {
	v := New(Streams{In: strings.NewReader("a\n" + strings.Repeat("x", maxLine+1)), Out: io.Discard, Err: io.Discard}, Options{})
	lines := v.NewLines()
	if line, err := lines.Next(t.Context(), "> "); line != "a" || err != nil {
		t.Fatalf("the first line is %q, %v", line, err)
	}
	if _, err := lines.Next(t.Context(), "> "); err == nil || !strings.Contains(err.Error(), "read line 2 of the input") {
		t.Errorf("the second line ends with %v", err)
	}
}

func TestWaitingForALineEndsWithTheContext(t *testing.T) {
	in, writer := io.Pipe()
	defer writer.Close()
	v := New(Streams{In: in, Out: io.Discard, Err: io.Discard}, Options{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := v.NewLines().Next(ctx, "> "); !errors.Is(err, context.Canceled) {
		t.Errorf("waiting ends with %v", err)
	}
}

// However the keys come in, what was typed before Ctrl-C is not lost with it.
func TestCtrlCEmptiesTheLineAndNoneBeforeIt(t *testing.T) {
	const typed = "one\rtwo\x03three\r\x03"
	for name, in := range map[string]io.Reader{
		"all at once": strings.NewReader(typed),
		"one by one":  iotest.OneByteReader(strings.NewReader(typed)),
	} {
		t.Run(name, func(t *testing.T) {
			k := &keys{in: in}
			var seen bytes.Buffer
			clearedAfter := []int{}
			for buffer := make([]byte, 64); ; {
				n, err := k.Read(buffer)
				if err != nil {
					break
				}
				if k.cleared {
					clearedAfter = append(clearedAfter, seen.Len())
					k.cleared = false
				}
				seen.Write(buffer[:n])
			}
			if want := "one\rtwo" + emptyLine + "three\r" + emptyLine; seen.String() != want {
				t.Errorf("the terminal sees %q, want %q", seen.String(), want)
			}
			if want := []int{len("one\rtwo"), len("one\rtwo" + emptyLine + "three\r")}; !slices.Equal(clearedAfter, want) {
				t.Errorf("it was cleared after %v bytes, want %v", clearedAfter, want)
			}
		})
	}
}

func TestTheHistoryKeepsWhatIsWorthGoingBackTo(t *testing.T) {
	h := &history{}
	for _, line := range []string{"a", "", "  ", "b", "b", "c"} {
		h.Add(line)
	}
	var got []string
	for i := range h.Len() {
		got = append(got, h.At(i))
	}
	if want := []string{"c", "b", "a"}; !slices.Equal(got, want) {
		t.Errorf("the history is %q, the latest first; want %q", got, want)
	}
	for range 2 * maxHistory {
		h.Add("x")
		h.Add("y")
	}
	if h.Len() != maxHistory {
		t.Errorf("the history has %d lines, want %d", h.Len(), maxHistory)
	}
}
