package view

import (
	"bufio"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/internal/plan"
	"github.com/driftless-hq/driftless/plugin"
)

func sortedNames[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// Confirm asks whether the plan may be applied. Anything but yes is no, and so
// is the end of ctx.
func (v *View) Confirm(ctx context.Context) bool {
	v.ask("\n%s\n  Only 'yes' is taken as an answer: ", v.err.paint(bold, "Apply these changes?"))
	answers := make(chan string, 1)
	go func() { // a read can't be called off: it ends with the process
		answer, _ := bufio.NewReader(v.In).ReadString('\n') // at the end of the input, what came before is the answer
		answers <- answer
	}()
	select {
	case <-ctx.Done():
		v.ask("\n")
		return false
	case answer := <-answers:
		v.ask("\n")
		return strings.TrimSpace(answer) == "yes"
	}
}

// ask writes a question, whose line the answer ends.
func (v *View) ask(format string, args ...any) {
	v.mu.Lock()
	defer v.mu.Unlock()
	fmt.Fprintf(v.Err, format, args...)
}

// Progress of a session, as it happens.
type progress struct {
	view *View
	stop chan struct{}

	mu    sync.Mutex
	began map[string]time.Time
}

// longWork is how long something may take before it is mentioned.
const longWork = 10 * time.Second

// Observe returns an observer that shows how a session gets on, and a
// function that ends it.
func (v *View) Observe() (plan.Observer, func()) {
	p := &progress{view: v, stop: make(chan struct{}), began: make(map[string]time.Time)}
	var done sync.WaitGroup
	done.Go(p.tick)
	return p, func() {
		close(p.stop)
		done.Wait()
	}
}

// tick says now and then what is still going on.
func (p *progress) tick() {
	ticker := time.NewTicker(longWork)
	defer ticker.Stop()
	for {
		select {
		case <-p.stop:
			return
		case <-ticker.C:
			p.stillAtWork()
		}
	}
}

func (p *progress) stillAtWork() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, what := range sortedNames(p.began) {
		elapsed := p.view.now().Sub(p.began[what]).Round(time.Second)
		if elapsed < longWork {
			continue
		}
		if p.view.json {
			p.view.message("info", "apply_progress", what, message{"hook": message{"action": what, "elapsed_seconds": int(elapsed.Seconds())}})
		} else {
			p.view.Progress("%s: still at it after %s", what, elapsed)
		}
	}
}

func (p *progress) begin(what string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.began[what] = p.view.now()
}

func (p *progress) end(what string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.began, what)
}

// Reading implements [plan.Observer].
func (p *progress) Reading(a addr.Addr) { p.begin("reading " + a.String()) }

// Read implements [plan.Observer].
func (p *progress) Read(a addr.Addr) { p.end("reading " + a.String()) }

// Applying implements [plan.Observer].
func (p *progress) Applying(s *plan.Step) {
	p.begin("applying " + s.Addr.String())
	if p.view.json {
		p.view.message("info", "apply_start", s.Addr.String()+": "+string(s.Change.Action), hook(s, nil))
	}
}

// Retrying implements [plan.Observer].
func (p *progress) Retrying(f plan.FailedAttempt) {
	attempt := fmt.Sprintf("attempt %d of %d failed", f.Attempt, f.Attempts)
	if p.view.json {
		p.view.message("warn", "apply_retry", f.Step.Addr.String()+": "+attempt+": "+f.Error, hook(f.Step, message{
			"attempt": f.Attempt, "attempts": f.Attempts, "error": f.Error, "wait_seconds": f.Wait.Seconds(),
		}))
		return
	}
	s := p.view.err
	p.view.Progress("  %s %s  %s", s.paint(yellow, "↻"), names(f.Step), s.paint(dim, fmt.Sprintf("%s, the next is in %s: %s", attempt, brief(f.Wait), visible(f.Error))))
}

// Applied implements [plan.Observer].
func (p *progress) Applied(r plan.Result) {
	p.end("applying " + r.Step.Addr.String())
	if p.view.json {
		p.appliedJSON(r)
		return
	}
	s := p.view.err
	switch r.Outcome {
	case plan.Changed:
		p.view.Progress("  %s %s  %s", s.paint(green, "✓"), names(r.Step), s.paint(dim, pastTense(r.Step.Change.Action)+" in "+brief(r.Duration)+attemptNote(r)))
	case plan.Broken:
		p.view.Progress("  %s %s  %s", s.paint(red, "✗"), names(r.Step), s.paint(red, "failed: "+visible(r.Error)))
	case plan.Ignored:
		p.view.Progress("  %s %s  %s", s.paint(yellow, "!"), names(r.Step), s.paint(yellow, "failed, and the run goes on: "+visible(r.Error)))
	case plan.LeftOut:
		p.view.Progress("  %s %s  %s", s.paint(dim, "×"), names(r.Step), s.paint(dim, leftOut(r)))
	}
}

func attemptNote(r plan.Result) string {
	if r.Attempts < 2 {
		return ""
	}
	return fmt.Sprintf(", with attempt %d", r.Attempts)
}

func leftOut(r plan.Result) string {
	if r.Cause == r.Step.Addr {
		return "left out: the run was stopped"
	}
	return "left out: " + r.Cause.String() + " failed"
}

func names(s *plan.Step) string {
	all := []string{s.Addr.String()}
	for _, a := range s.With {
		all = append(all, a.String())
	}
	return strings.Join(all, " + ")
}

func (p *progress) appliedJSON(r plan.Result) {
	switch r.Outcome {
	case plan.Broken:
		p.view.message("error", "apply_errored", r.Step.Addr.String()+": "+r.Error, hook(r.Step, message{"error": r.Error, "elapsed_seconds": r.Duration.Seconds()}))
	case plan.Ignored:
		p.view.message("warn", "apply_errored", r.Step.Addr.String()+": "+r.Error, hook(r.Step, message{"error": r.Error, "ignored": true, "elapsed_seconds": r.Duration.Seconds()}))
	case plan.LeftOut:
		p.view.message("warn", "apply_errored", r.Step.Addr.String()+": "+leftOut(r), hook(r.Step, message{"skipped_because": r.Cause.String()}))
	case plan.Changed:
		p.view.message("info", "apply_complete", r.Step.Addr.String()+": "+pastTense(r.Step.Change.Action), hook(r.Step, message{"elapsed_seconds": r.Duration.Seconds()}))
	}
}

func hook(s *plan.Step, more message) message {
	h := message{"address": s.Addr, "with": s.With, "action": s.Change.Action}
	maps.Copy(h, more)
	return message{"hook": h}
}

func pastTense(a plugin.Action) string {
	return map[plugin.Action]string{
		plugin.Create: "created", plugin.Update: "changed", plugin.Replace: "replaced", plugin.Delete: "deleted", plugin.Run: "run", plugin.NoOp: "unchanged",
	}[a]
}

// brief rounds a duration to what a reader cares for.
func brief(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return "under 1ms"
	case d < time.Second:
		return d.Round(time.Millisecond).String()
	default:
		return d.Round(100 * time.Millisecond).String()
	}
}

// Recap shows what an apply has come to.
func (v *View) Recap(p *plan.Plan, results []plan.Result, took time.Duration) {
	n := map[plan.Outcome]int{}
	for _, r := range results {
		n[r.Outcome]++
	}
	counts := []string{fmt.Sprintf("%d changed", n[plan.Changed]), fmt.Sprintf("%d unchanged", n[plan.Unchanged])}
	for _, more := range []struct {
		outcome plan.Outcome
		text    string
	}{{plan.Reported, "not as declared (only reported)"}, {plan.Broken, "failed"}, {plan.Ignored, "failed and ignored"}, {plan.LeftOut, "left out"}} {
		if n[more.outcome] > 0 {
			counts = append(counts, fmt.Sprintf("%d %s", n[more.outcome], more.text))
		}
	}
	line := fmt.Sprintf("Applied in %s: %s", brief(took), strings.Join(counts, ", "))
	if v.json {
		sum := p.Summary()
		changes := changesOf(sum, "apply")
		changes["changed"], changes["no_op"] = n[plan.Changed], n[plan.Unchanged]
		changes["failed"], changes["skipped"] = n[plan.Broken], n[plan.LeftOut]
		changes["ignored"] = n[plan.Ignored]
		v.message("info", "change_summary", line, summaryOf(p, changes))
		v.outputsJSON(p.Outputs)
		return
	}
	var b strings.Builder
	v.writeOutputs(&b, p.Outputs)
	code := bold
	if n[plan.Broken]+n[plan.LeftOut] > 0 {
		code += ";" + red
	}
	v.Print("%s\n%s\n", b.String(), v.out.paint(code, line+"."))
}
