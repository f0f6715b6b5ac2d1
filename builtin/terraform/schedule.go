package terraform

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"sync"
	"time"
)

// checkAll checks the stacks, some at a time, and returns a result for each in
// the order of the stacks. What may be told is told as soon as it is known.
func (t *task) checkAll(ctx context.Context, binary program, stacks []stack) []result {
	results := make([]result, len(stacks))
	kept := t.recallUnwanted(stacks)
	finish := func(i int) {
		if results[i].missed != "" {
			return // nothing is new
		}
		t.assess(ctx, &results[i])
		t.tell(ctx, results[i], len(stacks)-len(kept))
	}
	var confirming sync.WaitGroup
	t.each(stacks, func(i int, turn *turn) {
		var isKept bool
		if results[i], isKept = kept[stacks[i].name()]; isKept {
			return
		}
		results[i] = t.checkUnlessHeld(ctx, binary, stacks[i], turn)
		if !results[i].unproven {
			finish(i)
			return
		}
		confirming.Go(func() { // which mostly waits, while others are checked
			t.confirm(ctx, binary, &results[i], turn.asked)
			finish(i)
		})
	})
	confirming.Wait()
	return results
}

// assess says what follows from a check, and remembers it unless it was broken
// off. One that ran out of time is told as an error, and is remembered as that.
func (t *task) assess(ctx context.Context, res *result) {
	t.age(res)
	res.remedy = t.propose(*res)
	if ctx.Err() == nil || errors.Is(ctx.Err(), context.DeadlineExceeded) {
		t.remember(*res)
	}
}

// tell reports a stack, unless more is to come of it: it may turn out that its
// workspace is none, or there may be a remedy that is going to be applied. What
// was broken off says nothing of the stack.
func (t *task) tell(ctx context.Context, res result, total int) {
	if ctx.Err() != nil || res.mayBeUnused() || res.isDue() {
		return
	}
	t.report(t.finding(res), total)
}

// each calls visit for all stacks at once, by their numbers. What is to run must
// wait for its turn, and the longest comes first.
func (t *task) each(stacks []stack, visit func(i int, turn *turn)) {
	now := t.now()
	demands := make(map[int]demand, len(stacks))
	for i, s := range stacks {
		demands[i] = t.demand(s, now)
	}
	longestFirst := slices.SortedFunc(maps.Keys(demands), func(i, j int) int {
		return cmp.Or(cmp.Compare(demands[j].length, demands[i].length), cmp.Compare(i, j))
	})
	var visits sync.WaitGroup
	for _, i := range longestFirst {
		turn := t.turns.ask(demands[i])
		visits.Go(func() {
			defer turn.leave()
			visit(i, turn)
		})
	}
	visits.Wait()
}

// demand is what a check of the stack needs in order to begin. The workspaces of
// a stack share a directory, and so may tasks: only one is at work in it.
func (t *task) demand(s stack, asked time.Time) demand {
	rec := t.recordOf(s)
	places := []place{{"task " + t.dir, t.cfg.Parallelism}, {"directory " + s.dir, 1}}
	if s.group != "" {
		limit := t.cfg.Parallelism
		if own, ok := t.cfg.Concurrency[s.group]; ok {
			limit = own.Limit
		}
		places = append(places, place{"group " + s.group, limit})
	}
	return demand{
		places: places, room: int64(t.cfg.MaxMemory), asked: asked,
		memory: max(rec.Memory, rec.MaxRSS),
		length: cmp.Or(rec.Took, t.cfg.StackTimeout), // what was never checked may take as long as it may
	}
}

// checkUnlessHeld checks a stack, unless it is too early after a failure and
// nobody has asked. What fails after somebody has asked is a first failure.
func (t *task) checkUnlessHeld(ctx context.Context, binary program, s stack, turn *turn) result {
	start := t.now()
	key, inputs := t.nameOf(s), t.inputs(binary, s)
	if t.asked {
		t.backoffs.forget(key)
	}
	if held := t.backoffs.held(key, inputs, start); held != nil {
		t.log.Debug("held back a stack after a failure", "stack", s.name(), "until", held.until, "failures", held.failures)
		return result{stack: s, commit: t.commit(), verdict: held.problem.verdict, problem: held.problem, held: true, checked: held.checked, succeeded: held.succeeded, unused: held.unused, usage: newUsage()}
	}
	res := t.checkStack(ctx, binary, s, turn, false)
	if ctx.Err() == nil {
		t.backoffs.note(key, inputs, &res, t.now())
	}
	t.log.Debug("checked a stack", "stack", s.name(), "verdict", res.verdict, "duration", res.usage.ran())
	return res
}

// nameOf names a stack among those of all tasks.
func (t *task) nameOf(s stack) string { return t.dir + " " + s.name() }

// inputs changes when a stack that could not be checked is worth another try: with
// a new credential, too.
func (t *task) inputs(binary program, s stack) string {
	commit := ""
	if t.cfg.Source != nil {
		commit = t.cfg.Source.Commit
	}
	own, err := t.programOf(s, binary)
	return fmt.Sprintf("%s %v %s %s %s", own.version, err, t.digest, commit, codeAge(s.dir))
}

// codeAge is when the directory of a stack was last changed.
func codeAge(dir string) string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err.Error()
	}
	var latest time.Time
	files := 0
	for _, entry := range entries {
		if entry.Name() == lockFileName {
			continue // it comes and goes with a check
		}
		files++
		if info, err := entry.Info(); err == nil && info.ModTime().After(latest) {
			latest = info.ModTime()
		}
	}
	return fmt.Sprint(files, latest.UnixNano())
}

// age makes a stack that could not be checked for long a stale one.
func (t *task) age(res *result) {
	if res.problem != nil && t.isOld(*res) {
		res.verdict = stale
	}
}

// isOld reports whether the last check that told something is too long ago.
func (t *task) isOld(res result) bool {
	return !res.succeeded.IsZero() && t.now().Sub(res.succeeded) >= t.cfg.StaleAfter
}

// confirm checks a stack once more that has drift which was not there in its
// last check, after a while. Someone may just be applying. That check is as old
// as the first: it doesn't queue behind all others again.
func (t *task) confirm(ctx context.Context, binary program, res *result, asked time.Time) {
	t.log.Info("found drift, and will look again before it is told", "stack", res.stack.name(), "after", t.cfg.ConfirmAfter)
	wait := time.NewTimer(t.cfg.ConfirmAfter)
	defer wait.Stop()
	select {
	case <-wait.C:
	case <-ctx.Done():
	}
	turn := t.turns.ask(t.demand(res.stack, asked))
	defer turn.leave()
	first := res.usage
	if *res = t.checkStack(ctx, binary, res.stack, turn, true); res.missed == "" {
		res.usage.addAll(first)
	}
}
