package command

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/driftless-hq/driftless/agent/api"
	"github.com/driftless-hq/driftless/command/view"
	"github.com/driftless-hq/driftless/internal/history"
)

// answering is an agent that knows of stacks and that nothing has happened. It
// tells what a command has asked for first.
func answering(t *testing.T, stacks ...api.Stack) (address string, query func() string) {
	t.Helper()
	first := ""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		first = cmp.Or(first, r.URL.RequestURI())
		if strings.Contains(r.URL.RawQuery, "since=yesterday") {
			http.Error(w, "since is odd", http.StatusBadRequest)
			return
		}
		if err := json.NewEncoder(w).Encode(api.Stacks{Stacks: stacks}); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://"), func() string {
		asked := first
		first = ""
		return asked
	}
}

func runCommand(args ...string) (code int, out string) {
	var text bytes.Buffer
	code = Main(append([]string{"driftless"}, args...), view.Streams{In: strings.NewReader(""), Out: &text, Err: &text})
	return code, text.String()
}

func stackOf(verdict string, isOpen, isFresh bool) api.Stack {
	s := api.Stack{Fresh: isFresh, State: history.State{Subject: history.Subject{Task: "task.terraform.infra", Name: "net"}, Verdict: verdict, LastSuccess: time.Now()}}
	if isOpen {
		s.Drift = &history.Drift{Since: time.Now()}
	}
	return s
}

func TestTheExitCodeOfDrift(t *testing.T) {
	clean, open, failed := stackOf("clean", false, true), stackOf("drifted", true, true), stackOf("error", false, false)
	for _, tt := range []struct {
		name           string
		stacks         []api.Stack
		code, detailed int
	}{
		{"all is as declared", []api.Stack{clean}, 0, 0},
		{"something drifted", []api.Stack{clean, open, failed}, 0, 2},
		{"something could not be checked", []api.Stack{clean, failed}, 0, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			address, _ := answering(t, tt.stacks...)
			if code, out := runCommand("drift", "-address="+address); code != tt.code {
				t.Errorf("exit code %d\n%s", code, out)
			}
			if code, out := runCommand("drift", "-detailed-exitcode", "-address="+address); code != tt.detailed {
				t.Errorf("detailed exit code %d\n%s", code, out)
			}
		})
	}
}

func TestTheAgentIsAskedWhereTheConfigurationSaysItListens(t *testing.T) {
	address, query := answering(t, stackOf("clean", false, true))
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "main.hcl"), fmt.Appendf(nil, "agent { listen = %q }\n", address), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out := runCommand("drift", "-config="+dir); code != 0 || query() != "/v1/stacks?resources=true" {
		t.Errorf("exit code %d, asked for %s\n%s", code, query(), out)
	}
	if code, out := runCommand("history", "-config="+dir, "-task=task.file.a", "-event=new", "-since=7d", "-limit=5"); code != 0 || query() != "/v1/history?event=new&limit=5&since=7d&task=task.file.a" {
		t.Errorf("exit code %d, asked for %s\n%s", code, query(), out)
	}
}

func TestWhyNoAgentCouldBeAsked(t *testing.T) {
	dir := t.TempDir()
	address, _ := answering(t)
	knowing, _ := answering(t, stackOf("clean", false, true))
	if err := os.WriteFile(filepath.Join(dir, "main.hcl"), []byte("agent { listen = \"127.0.0.1:0\" }\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	stranger := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "<html>") }))
	t.Cleanup(stranger.Close)
	for _, tt := range []struct {
		name string
		args []string
		want string
	}{
		{"there is none", []string{"drift", "-address=127.0.0.1:1"}, "start one with driftless agent"},
		{"the port is any that is free", []string{"drift", "-config=" + dir}, "name the one that it logs with -address"},
		{"there is no configuration", []string{"drift", "-config=" + dir + "/none"}, "name its address with -address"},
		{"the address is none", []string{"history", "-address=a b"}, "write its address as in 127.0.0.1:8000"},
		{"another program answers", []string{"history", "-address=" + strings.TrimPrefix(stranger.URL, "http://")}, "is no driftless agent of this version"},
		{"there is no such event", []string{"history", "-event=resolve", "-address=" + address}, "There is no event \"resolve\"; did you mean resolved?"},
		{"there is no such task", []string{"history", "-task=task.terraform.infar", "-address=" + knowing}, "The agent knows no task task.terraform.infar; did you mean task.terraform.infra?"},
		{"there is no such stack", []string{"history", "-stack=nett", "-address=" + knowing}, "The agent knows no stack nett; did you mean net?"},
		{"the agent refuses", []string{"history", "-since=yesterday", "-address=" + address}, "answers: since is odd"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			code, out := runCommand(tt.args...)
			if text := strings.Join(strings.Fields(strings.ReplaceAll(out, "│", "")), " "); code != exitError || !strings.Contains(text, tt.want) {
				t.Errorf("exit code %d, want %q in:\n%s", code, tt.want, out)
			}
		})
	}
}

func TestHowAListenerIsReached(t *testing.T) {
	for listen, want := range map[string]string{
		"127.0.0.1:8000": "127.0.0.1:8000", "0.0.0.0:80": "127.0.0.1:80", ":80": "127.0.0.1:80", "[::]:80": "[::1]:80", "example.com:80": "example.com:80",
	} {
		if got, err := reachable(listen); got != want || err != nil {
			t.Errorf("%s is reached at %s, %v; want %s", listen, got, err, want)
		}
	}
}
