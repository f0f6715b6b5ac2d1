package pluginhost

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/event"
)

func TestWhatGoesWrongAtTheStartIsTold(t *testing.T) {
	tests := []struct {
		name, fault string
		want        []string
	}{
		{"it ends", "exit", []string{"it ended before it was ready, with exit status 3", "no license was found"}},
		{"it takes this for another host", "cookie", []string{"it ended before it was ready, with exit status 1", "plugin"}},
		{"it greets in its own way", "garbage", []string{`it wrote "Welcome!" to its standard output`, "plugin.Serve"}},
		{"it never ends its greeting", "endless", []string{`it wrote "garbagegarbage`}},
		{"it speaks a later protocol", "protocol", []string{"version 99 of the protocol", "speaks version 1"}},
		{"it is nowhere", "deaf", []string{"connect"}},
		{"it says nothing", "silent", []string{"it was not ready within 500ms"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			h, _ := newHost(t)
			if test.fault == "silent" {
				h.limits.start = 500 * time.Millisecond
			}
			_, err := h.Launch(t.Context(), specOf(t, h, test.fault))
			wantError(t, err, append(test.want, "start the provider acme")...)
			if len(h.Status()) != 0 {
				t.Errorf("it runs: %+v", h.Status())
			}
		})
	}
}

func TestAProviderThatDriftlessDoesNotEndByItselfIsEnded(t *testing.T) {
	h, _ := newHost(t)
	p, err := h.Launch(t.Context(), specOf(t, h, "unclosable"))
	if err != nil {
		t.Fatal(err)
	}
	pid := p.current.child.cmd.Process.Pid
	wantError(t, h.Close(), "close the provider acme")
	if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("the process is still there: %v", err)
	}
}

func open(t *testing.T, p *Provider, kind plugin.Kind, set map[string]string) plugin.Instance {
	t.Helper()
	ref := plugin.TypeRef{Kind: kind, Name: "hostile"}
	values := make(map[string]cty.Value)
	for _, typ := range p.manifest.Types {
		if typ.Ref == ref {
			for name, t := range typ.Schema.ImpliedType().AttributeTypes() {
				values[name] = cty.NullVal(t)
			}
		}
	}
	for name, value := range set {
		values[name] = cty.StringVal(value)
	}
	instance, diags := p.Open(t.Context(), plugin.OpenRequest{Type: ref, Addr: string(kind) + ".hostile.one", Config: cty.ObjectVal(values)})
	if diags.HasErrors() {
		t.Fatal(diags.Err())
	}
	return instance
}

func oneEvent() *event.Batch {
	b := event.NewBuilder(new(event.Batch))
	b.Log(time.Unix(0, 0), []byte("hello"))
	return b.Batch()
}

func handle(t *testing.T, p *Provider, fault string) error {
	t.Helper()
	stage := open(t, p, plugin.KindStage, map[string]string{"fault": fault})
	return stage.(plugin.Stage).Process(t.Context(), oneEvent())
}

func TestWhatGoesWrongInACallIsItsError(t *testing.T) {
	tests := []struct {
		name, fault string
		lost        bool
		want        string
	}{
		{"an error", "error", false, "it did not work out"},
		{"a panic of the call", "panic", false, "the provider panicked: a hostile instance"},
		{"a message that is too large", "huge", false, "too large"},
		{"the end of the process", "exit", true, "ended with exit status 4"},
		{"a panic elsewhere", "crash", true, "panic: a hostile goroutine"},
		{"a stage that hangs", "hang", true, "it hangs: a stage did not answer within 500ms"},
		{"a process that is stopped", "stop", true, "it hangs"},
		{"a flood of memory", "memory", true, "of memory, and may hold 256 MiB. Set max_memory in the block provider \"acme\""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			h, _ := newHost(t)
			switch test.fault {
			case "hang":
				h.limits.process = 500 * time.Millisecond
			case "stop":
				h.limits.ping = 500 * time.Millisecond
			}
			s := specOf(t, h, "")
			if test.fault == "memory" {
				s.MaxMemory = 256 << 20
			}
			p, err := h.Launch(t.Context(), s)
			if err != nil {
				t.Fatal(err)
			}
			err = handle(t, p, test.fault)
			wantError(t, err, test.want)
			if got := errors.Is(err, plugin.ErrLost); got != test.lost {
				t.Errorf("the instance is lost: %v, want %v", got, test.lost)
			}
			until(t, "the provider is up again", func() bool { return h.Status()[0].Up })
			if err := handle(t, p, ""); err != nil {
				t.Errorf("after that: %v", err)
			}
			if crashed := h.Status()[0].Crashes > 0; crashed != test.lost {
				t.Errorf("%+v", h.Status()[0])
			}
		})
	}
}

func TestInstancesOfAProcessThatEndedAreLostAndTheNextOnesAreNot(t *testing.T) {
	h, _ := newHost(t)
	p := launch(t, h)
	old := open(t, p, plugin.KindCollector, nil)
	first := p.current
	if err := syscall.Kill(first.child.cmd.Process.Pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-old.(plugin.Perishable).Lost()
	err := old.(plugin.Collector).Collect(t.Context(), event.NewBuilder(new(event.Batch)))
	wantError(t, err, "the process of the provider acme ended with signal: killed")
	if !errors.Is(err, plugin.ErrLost) {
		t.Errorf("%v is not that the instance is lost", err)
	}
	if err := old.Close(t.Context()); err != nil {
		t.Errorf("close what is lost: %v", err)
	}
	next := open(t, p, plugin.KindCollector, nil) // it waits for the process
	if err := next.(plugin.Collector).Collect(t.Context(), event.NewBuilder(new(event.Batch))); err != nil {
		t.Error(err)
	}
	if s := h.Status()[0]; s.Starts != 2 || s.Crashes != 1 || s.Failed["Collect"] != 0 {
		t.Errorf("%+v", s)
	}
}

func TestAfterFiveCrashesAProviderRests(t *testing.T) {
	h, _ := newHost(t)
	h.limits.firstPause = time.Millisecond
	p := launch(t, h)
	for i := range maxCrashes {
		if _, err := p.Call(t.Context(), "crash", nil); err == nil {
			t.Fatal("it survived")
		}
		until(t, "the crash is counted", func() bool { return h.Status()[0].Crashes == uint64(i+1) })
	}
	began := time.Now()
	_, err := p.Call(t.Context(), "shout", []cty.Value{cty.StringVal("a")})
	wantError(t, err, "doesn't run, and is started again at", "exit status 5")
	if took := time.Since(began); took > patience {
		t.Errorf("the call took %s to fail", took)
	}
}

func TestEveryProcessIsConfigured(t *testing.T) {
	h, log := newHost(t)
	p := launch(t, h)
	cfg := func(token string, refuse bool) cty.Value {
		return cty.ObjectVal(map[string]cty.Value{"token": cty.StringVal(token), "refuse": cty.BoolVal(refuse)})
	}
	p, diags := h.Configured(t.Context(), p, cfg("hunter2", false))
	if diags.HasErrors() {
		t.Fatal(diags.Err())
	}
	if same, _ := h.Configured(t.Context(), p, cfg("hunter2", false)); same != p {
		t.Error("the same configuration took another process")
	}
	other, diags := h.Configured(t.Context(), p, cfg("other", false))
	if diags.HasErrors() || other == p || other.Identity() == p.Identity() {
		t.Errorf("another configuration took the same process: %v", diags)
	}
	if _, err := p.Call(t.Context(), "crash", nil); err == nil {
		t.Fatal("it survived")
	}
	until(t, "it logged in twice", func() bool { return strings.Count(log.String(), "logging in with (sensitive value)") == 2 })
	if strings.Contains(log.String(), "hunter2") {
		t.Error("the secret is in the log")
	}
	if _, diags := h.Configured(t.Context(), p, cfg("bad", true)); !diags.HasErrors() {
		t.Error("a configuration was taken that the provider refuses")
	}
}

func TestAProviderHasNothingOfTheEnvironmentButWhatItNeeds(t *testing.T) {
	t.Setenv("VAULT_TOKEN", "s.verysecret")
	t.Setenv("TZ", "Europe/Oslo")
	h, _ := newHost(t)
	s := specOf(t, h, "")
	s.Env["ACME_REGION"] = "north"
	p, err := h.Launch(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	pid := p.current.child.cmd.Process.Pid
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/environ")
	if err != nil {
		t.Skip("this system doesn't show the environment of a process: ", err)
	}
	var names []string
	for entry := range strings.SplitSeq(strings.TrimRight(string(text), "\x00"), "\x00") {
		name, _, _ := strings.Cut(entry, "=")
		names = append(names, name)
	}
	got := strings.Join(names, " ")
	for _, want := range []string{"ACME_REGION", "PATH", "HOME", "LANG", "TZ"} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is not in %s", want, got)
		}
	}
	if strings.Contains(got, "VAULT") || len(names) > 20 {
		t.Errorf("it knows %s", got)
	}
	dir, err := os.Readlink("/proc/" + strconv.Itoa(pid) + "/cwd")
	if err != nil || !strings.Contains(filepath.Base(dir), "driftless-plugin-") {
		t.Errorf("it works in %s: %v", dir, err)
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("its directory is still there: %v", err)
	}
}

func TestAFloodInTheLogIsCutShort(t *testing.T) {
	h, log := newHost(t)
	p, err := h.Launch(t.Context(), specOf(t, h, "flood"))
	if err != nil {
		t.Fatal(err)
	}
	if err := handle(t, p, ""); err != nil {
		t.Error(err)
	}
	until(t, "lines were left out", func() bool { return strings.Contains(log.String(), "lines of it were left out") })
	if n := strings.Count(log.String(), "\n"); n > 3*lineBurst {
		t.Errorf("%d lines were logged", n)
	}
}

func TestWhatIsPrintedIsLoggedAsAMistake(t *testing.T) {
	h, log := newHost(t)
	p := launch(t, h)
	if err := handle(t, p, "stdout"); err != nil {
		t.Error(err)
	}
	until(t, "it is in the log", func() bool { return strings.Contains(log.String(), "this belongs nowhere") })
}

func TestACallThatIsGivenUpIsNoCrash(t *testing.T) {
	h, _ := newHost(t)
	p := launch(t, h)
	collector := open(t, p, plugin.KindCollector, map[string]string{"fault": "hang"})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	err := collector.(plugin.Collector).Collect(ctx, event.NewBuilder(new(event.Batch)))
	if err == nil || errors.Is(err, plugin.ErrLost) {
		t.Errorf("got %v", err)
	}
	if s := h.Status()[0]; !s.Up || s.Crashes > 0 || s.Failed["Collect"] != 1 {
		t.Errorf("%+v", s)
	}
}

func BenchmarkStart(b *testing.B) {
	h := New(Options{Log: hclog.NewNullLogger(), Redact: func(s string) string { return s }, Now: time.Now})
	path, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	binary, err := Found{Path: path}.Binary()
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		p, err := h.launch(b.Context(), Spec{Name: "acme", Source: "hostile", Binary: binary, MaxMemory: DefaultMaxMemory})
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		if err := p.Close(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}
