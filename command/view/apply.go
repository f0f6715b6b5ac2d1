package view

import (
	"bufio"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/driftless-hq/driftless/internal/plan"
)

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
	v.Print("%s\n%s\n", b.String(), v.out.paint(code, v.out.wrap(line+".", 0)))
}
