package terraform

import (
	"maps"
	"slices"
	"sync"
)

// memory has the last result of each stack of each task, for as long as this
// process lives. So a stack that nobody asks about needs no check.
type memory struct {
	mu      sync.Mutex
	results map[string]map[string]result // by the private directory of the task and the name of the stack
}

func newMemory() *memory { return &memory{results: make(map[string]map[string]result)} }

// put takes over a result, without the variables of the stack: the next run has
// its own.
func (m *memory) put(task string, res result) {
	res.stack = stack{path: res.stack.path, workspace: res.stack.workspace}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.results[task] == nil {
		m.results[task] = make(map[string]result)
	}
	m.results[task][res.stack.name()] = res
}

func (m *memory) get(task string, s stack) (res result, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	res, ok = m.results[task][s.name()]
	return res, ok
}

// keep forgets the stacks of a task that are gone.
func (m *memory) keep(task string, stacks []stack) {
	there := make(map[string]bool, len(stacks))
	for _, s := range stacks {
		there[s.name()] = true
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	maps.DeleteFunc(m.results[task], func(name string, _ result) bool { return !there[name] })
}

// remember keeps a result, with the code that it is of.
func (t *task) remember(res result) {
	res.code = t.code[res.stack.name()]
	t.memory.put(t.dir, res)
}

// recallUnwanted returns what was last found of the stacks that need no check
// now, by their names.
func (t *task) recallUnwanted(stacks []stack) map[string]result {
	kept := make(map[string]result)
	for _, s := range stacks {
		if res, ok := t.memory.get(t.dir, s); ok && !t.isWanted(s, res) {
			res.stack, res.kept = s, true
			kept[s.name()] = res
		}
	}
	return kept
}

// isWanted reports whether a stack is to be checked of which this was found
// last: not where others are asked for, and not for a commit that doesn't touch
// it. What has failed may be cured by any commit, and a remedy that waits is one
// of the commit.
func (t *task) isWanted(s stack, last result) bool {
	if t.only != nil {
		return slices.Contains(t.only, s.name())
	}
	code, isTold := t.code[s.name()]
	isPending := last.remedy.isDue() || last.remedy != nil && last.remedy.state == awaiting
	return !t.early || !isTold || code != last.code || last.problem != nil || isPending
}

// missed is what is told of a stack whose turn had not come when the run was
// ended: what was last found of it. That grows old, and is told once it is.
func (t *task) missed(s stack, cause error) result {
	late := &problem{verdict: errored, kind: failedTimeout, summary: "Not checked", detail: "the run was ended before the turn of the stack had come: " + cause.Error()}
	res, known := t.memory.get(t.dir, s)
	if !known {
		res = result{verdict: errored, problem: late, usage: newUsage()}
		res.recall(t.recordOf(s), t.now())
	}
	res.stack, res.kept, res.missed = s, true, cause.Error()
	if t.isOld(res) {
		res = result{stack: s, verdict: stale, problem: late, commit: res.commit, held: true, missed: res.missed, checked: res.checked, succeeded: res.succeeded, unused: res.unused, usage: newUsage()}
	}
	return res
}
