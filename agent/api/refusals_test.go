package api

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/go-hclog"
)

func TestWrongTokensAreLoggedOnceAMinuteWithTheirNumber(t *testing.T) {
	t.Parallel()
	var r refusals
	now := noon
	expect := func(when, address string, want int) {
		t.Helper()
		if _, got := r.note(address, now); got != want {
			t.Errorf("%s: the log tells of %d, want %d", when, got, want)
		}
	}
	expect("the first", "10.0.0.1:1", 1)
	for range 5 {
		expect("those after it, from whatever port", "10.0.0.1:2", 0)
	}
	expect("another host", "[::1]:1", 1)
	now = now.Add(refusalInterval)
	expect("a minute later", "10.0.0.1:3", 6)
	expect("and at once", "10.0.0.1:3", 0)
}

func TestWrongTokensOfManyHostsTakeLittleMemory(t *testing.T) {
	t.Parallel()
	var r refusals
	told := 0
	for i := range 3 * maxRefusalHosts {
		if _, n := r.note(fmt.Sprintf("10.%d.%d.%d:1", i>>16, i>>8&0xff, i&0xff), noon); n > 0 {
			told++
		}
	}
	if len(r.hosts) != maxRefusalHosts+1 || told != maxRefusalHosts+1 {
		t.Errorf("%d hosts are known, and the log has %d lines", len(r.hosts), told)
	}
	from, n := r.note("192.0.2.1:1", noon.Add(refusalInterval))
	if from != "192.0.2.1" || n != 1 || len(r.hosts) != 1 {
		t.Errorf("when they are silent again: %s %d, of %d hosts", from, n, len(r.hosts))
	}
}

func TestGuessesAreOneLineInTheLog(t *testing.T) {
	t.Parallel()
	var text bytes.Buffer
	_, address := serveWith(t, Options{Backend: &backend{}, Log: hclog.New(&hclog.LoggerOptions{Output: &text}), Tokens: threeTokens})
	for i := range 10 {
		send(t, "GET", "http://"+address+"/v1/status", fmt.Sprintf("Bearer guess-%d", i)).Body.Close()
	}
	if got := text.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "from=127.0.0.1 requests=1") {
		t.Errorf("the log is:\n%s", got)
	}
}
