package view

import (
	"cmp"
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

// Progress is an observer that shows how a session gets on, as it happens.
type Progress struct {
	view    *View
	stop    chan struct{}
	ticking sync.WaitGroup

	mu    sync.Mutex
	began map[work]time.Time
	found map[string]found // by address
}

// found is how much of what a task looks at is known already.
type found struct {
	names map[string]bool
	total int
}

// work is something that may take long.
type work struct {
	doing   string
	address string
}

const (
	reading  = "reading"
	applying = "applying"
)

var _ plan.Observer = (*Progress)(nil)

// longWork is how long something may take before it is mentioned.
const longWork = 10 * time.Second

// Observe begins to show how a session gets on, until Close is called.
func (v *View) Observe() *Progress {
	p := &Progress{view: v, stop: make(chan struct{}), began: make(map[work]time.Time), found: make(map[string]found)}
	p.ticking.Go(p.tick)
	return p
}

// Close ends it.
func (p *Progress) Close() {
	close(p.stop)
	p.ticking.Wait()
}

// tick says now and then what is still going on.
func (p *Progress) tick() {
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

func (p *Progress) stillAtWork() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, w := range p.underWay() {
		elapsed := p.view.now().Sub(p.began[w]).Round(time.Second)
		if elapsed < longWork {
			continue
		}
		text := fmt.Sprintf("%s %s: still at it after %s", w.doing, w.address, elapsed)
		hook := message{"address": w.address, "doing": w.doing, "elapsed_seconds": elapsed.Seconds()}
		if f, ok := p.found[w.address]; ok && w.doing == reading {
			text += fmt.Sprintf(", %d of %d done", len(f.names), f.total)
			hook["done"], hook["total"] = len(f.names), f.total
		}
		if p.view.json {
			p.view.message("info", "apply_progress", text, message{"hook": hook})
		} else {
			p.view.Progress("%s", text)
		}
	}
}

// underWay returns what has begun and not ended, in a fixed order.
func (p *Progress) underWay() []work {
	return slices.SortedFunc(maps.Keys(p.began), func(a, b work) int {
		return cmp.Or(cmp.Compare(a.doing, b.doing), cmp.Compare(a.address, b.address))
	})
}

// Stopping says that no further step begins, and which ones are waited for.
func (p *Progress) Stopping() {
	p.mu.Lock()
	var running []string
	for _, w := range p.underWay() {
		if w.doing == applying {
			running = append(running, w.address)
		}
	}
	p.mu.Unlock()
	text := "Stopping: no step runs."
	if len(running) > 0 {
		text = fmt.Sprintf("Stopping after the steps that run: %s; press Ctrl-C again to end them.", strings.Join(running, ", "))
	}
	p.view.Notice("Stopping", text)
}

// Ending says that the steps that run are being ended.
func (p *Progress) Ending() {
	p.view.Notice("Ending", "Ending the steps that run; press Ctrl-C once more to leave them as they are.")
}

func (p *Progress) begin(doing string, a addr.Addr) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.began[work{doing, a.String()}] = p.view.now()
}

func (p *Progress) end(doing string, a addr.Addr) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.began, work{doing, a.String()})
}

// Reading implements [plan.Observer].
func (p *Progress) Reading(a addr.Addr) { p.begin(reading, a) }

// Read implements [plan.Observer].
func (p *Progress) Read(a addr.Addr) { p.end(reading, a) }

// Found implements [plan.Observer].
func (p *Progress) Found(a addr.Addr, one plan.FindingRecord, total int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f, ok := p.found[a.String()]
	if !ok {
		f.names = make(map[string]bool)
	}
	f.names[one.Name] = true
	f.total = max(total, len(f.names))
	p.found[a.String()] = f
}

// Applying implements [plan.Observer].
func (p *Progress) Applying(s *plan.Step) {
	p.begin(applying, s.Addr)
	if p.view.json {
		p.view.message("info", "apply_start", s.Addr.String()+": "+string(s.Change.Action), hook(s, nil))
	}
}

// Retrying implements [plan.Observer].
func (p *Progress) Retrying(f plan.FailedAttempt) {
	attempt := fmt.Sprintf("attempt %d of %d failed", f.Attempt, f.Attempts)
	if p.view.json {
		p.view.message("warn", "apply_retry", f.Step.Addr.String()+": "+attempt+": "+f.Error, hook(f.Step, message{
			"attempt": f.Attempt, "attempts": f.Attempts, "error": f.Error, "wait_seconds": f.Wait.Seconds(),
		}))
		return
	}
	s := p.view.err
	what := fmt.Sprintf("%s, the next is in %s: %s", attempt, brief(f.Wait), visible(f.Error))
	p.view.Progress("%s", s.line([]piece{{"  ", "↻", yellow}, {" ", names(f.Step), ""}, {"  ", s.hang(what, 4), dim}}, 4))
}

// Applied implements [plan.Observer].
func (p *Progress) Applied(r plan.Result) {
	p.end(applying, r.Step.Addr)
	if p.view.json {
		p.appliedJSON(r)
		return
	}
	s := p.view.err
	switch r.Outcome {
	case plan.Changed:
		p.view.Progress("%s", s.line([]piece{{"  ", "✓", green}, {" ", names(r.Step), ""}, {"  ", pastTense(r.Step.Change.Action) + " in " + brief(r.Duration) + attemptNote(r), dim}}, 4))
	case plan.Broken:
		p.view.Progress("%s", s.line([]piece{{"  ", "✗", red}, {" ", names(r.Step), ""}, {"  ", s.hang("failed: "+visible(r.Error), 4), red}}, 4))
	case plan.Ignored:
		p.view.Progress("%s", s.line([]piece{{"  ", "!", yellow}, {" ", names(r.Step), ""}, {"  ", s.hang("failed, and the run goes on: "+visible(r.Error), 4), yellow}}, 4))
	case plan.LeftOut:
		p.view.Progress("%s", s.line([]piece{{"  ", "×", dim}, {" ", names(r.Step), ""}, {"  ", leftOut(r), dim}}, 4))
	}
	p.remedies(r)
}

// remedies says what became of each finding about which something was to be
// done.
func (p *Progress) remedies(r plan.Result) {
	if r.Step.DetectOnly || r.Outcome == plan.LeftOut {
		return
	}
	for _, f := range r.Findings() {
		if f.Remedy == nil {
			continue
		}
		code := yellow
		if f.Verdict == "clean" {
			code = green
		}
		p.view.Progress("%s", p.view.err.line([]piece{{"      ", visible(f.Name) + ":", ""}, {" ", f.Verdict, code}, {"  ", visible(f.Summary), ""}}, 8))
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

func (p *Progress) appliedJSON(r plan.Result) {
	switch r.Outcome {
	case plan.Broken:
		p.view.message("error", "apply_errored", r.Step.Addr.String()+": "+r.Error, hook(r.Step, message{"error": r.Error, "elapsed_seconds": r.Duration.Seconds()}))
	case plan.Ignored:
		p.view.message("warn", "apply_errored", r.Step.Addr.String()+": "+r.Error, hook(r.Step, message{"error": r.Error, "ignored": true, "elapsed_seconds": r.Duration.Seconds()}))
	case plan.LeftOut:
		p.view.message("warn", "apply_errored", r.Step.Addr.String()+": "+leftOut(r), hook(r.Step, message{"skipped_because": r.Cause.String()}))
	case plan.Changed:
		p.view.message("info", "apply_complete", r.Step.Addr.String()+": "+pastTense(r.Step.Change.Action), hook(r.Step, appliedMessage(r)))
	}
}

// appliedMessage has what the step has found while it was applied, where it
// says so.
func appliedMessage(r plan.Result) message {
	m := message{"elapsed_seconds": r.Duration.Seconds()}
	if findings := r.Findings(); len(findings) > 0 {
		m["findings"] = findings
	}
	return m
}

func hook(s *plan.Step, more message) message {
	h := message{"address": s.Addr, "action": cmp.Or(s.Change.Action, plugin.NoOp)}
	if len(s.With) > 0 {
		h["with"] = s.With
	}
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

func sortedNames[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
