package e2e

import (
	"flag"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// fleetParallel is how many stacks are checked at a time, by those who can.
const fleetParallel = 2

var (
	fleetStacks = flag.Int("fleet-stacks", 0, "how many stacks the benchmark of a fleet has; 0: it is skipped, for it takes minutes")
	fleetRounds = flag.Int("fleet-rounds", 5, "how often each way of checking the fleet is measured, after once to warm up")
)

// cost is what it took to check all stacks once.
type cost struct {
	elapsed time.Duration
	cpu     time.Duration // of all processes
	own     time.Duration // of the agent alone
	states  int           // requests to the backend
	git     int           // requests to the server of the repository
}

// BenchmarkFleet checks a fleet of stacks in the ways that there are, in turns:
//
//   - bare: terraform plan, and nothing else, in directories that are ready
//   - loop: for each stack git fetch, git reset, terraform init, terraform plan
//   - parallel loop: the same, some at a time
//   - fresh clones: for each stack a new clone, init, plan and show, some at a time
//   - the agent, which is triggered through its API
//
// Two of the stacks have drift. The figures are medians of the rounds.
func BenchmarkFleet(b *testing.B) {
	if *fleetStacks == 0 {
		b.Skip("this takes minutes: run make bench-terraform")
	}
	if _, err := exec.LookPath("terraform"); err != nil {
		b.Skipf("terraform is needed for this: %v", err)
	}
	f := newFleet(b, *fleetStacks)
	f.drift(b, f.names[0])
	f.drift(b, f.names[1])
	ways := []struct {
		name  string
		round func() cost
	}{
		{"bare", f.shell(b, 1, barePlan)},
		{"loop", f.shell(b, 1, refreshedPlan)},
		{"parallel", f.shell(b, fleetParallel, refreshedPlan)},
		{"fresh", f.shell(b, fleetParallel, freshPlan)},
		{"agent", f.agent(b)},
	}
	costs := make(map[string][]cost)
	for b.Loop() {
		for round := range *fleetRounds + 1 {
			for _, way := range ways {
				c := way.round()
				b.Logf("round %d, %-8s: %6.1fs, %6.1f CPU s, own %4d ms, %d requests to the backend, %d to the repository",
					round, way.name, c.elapsed.Seconds(), c.cpu.Seconds(), c.own.Milliseconds(), c.states, c.git)
				if round > 0 {
					costs[way.name] = append(costs[way.name], c)
				}
			}
		}
	}
	reportFleet(b, costs)
}

func reportFleet(b *testing.B, costs map[string][]cost) {
	cpu := func(c cost) float64 { return c.cpu.Seconds() }
	elapsed := func(c cost) float64 { return c.elapsed.Seconds() }
	own := func(c cost) float64 { return c.own.Seconds() }
	agent, stacks := costs["agent"], float64(*fleetStacks)
	b.ReportMetric(median(agent, cpu), "cpu-s/round")
	b.ReportMetric(median(agent, cpu)/median(costs["loop"], cpu), "of-loop-cpu")
	b.ReportMetric(median(agent, cpu)/median(costs["fresh"], cpu), "of-fresh-cpu")
	b.ReportMetric(median(agent, elapsed)/median(costs["loop"], elapsed), "of-loop-time")
	b.ReportMetric(median(agent, elapsed)/median(costs["parallel"], elapsed), "of-parallel-time")
	b.ReportMetric(median(agent, own)/median(costs["bare"], cpu), "own-of-bare-cpu")
	b.ReportMetric(1000*median(agent, own)/stacks, "own-ms/check")
	b.ReportMetric(median(agent, func(c cost) float64 { return float64(c.states) })/stacks, "backend-requests/check")
	b.ReportMetric(median(agent, func(c cost) float64 { return float64(c.git) }), "git-requests/round")
}

func median(costs []cost, figure func(cost) float64) float64 {
	figures := make([]float64, len(costs))
	for i, c := range costs {
		figures[i] = figure(c)
	}
	slices.Sort(figures)
	return figures[len(figures)/2]
}

// The ways of the shell to check the stack $1, in a directory of its own that
// survives the rounds. A plan ends with 2 where something differs.
const (
	barePlan = `
[ -d "$1" ] || { git clone -q "$URL" "$1"; terraform -chdir="$1/$1" init -input=false >/dev/null; }
terraform -chdir="$1/$1" plan -input=false -lock=false -detailed-exitcode >/dev/null || [ $? = 2 ]`
	refreshedPlan = `
[ -d "$1" ] || git clone -q "$URL" "$1"
git -C "$1" fetch -q && git -C "$1" reset -q --hard origin/main
terraform -chdir="$1/$1" init -input=false >/dev/null
terraform -chdir="$1/$1" plan -input=false -detailed-exitcode >/dev/null || [ $? = 2 ]`
	freshPlan = `
rm -rf "$1"
git clone -q --depth=1 "$URL" "$1"
terraform -chdir="$1/$1" init -input=false >/dev/null
terraform -chdir="$1/$1" plan -input=false -out=plan >/dev/null
terraform -chdir="$1/$1" show -json plan >/dev/null`
)

// shell makes a round of a script for each stack, some at a time.
func (f *fleet) shell(b *testing.B, parallel int, script string) func() cost {
	dir := b.TempDir()
	return func() cost {
		cmd := exec.Command("xargs", "-n1", "-P"+strconv.Itoa(parallel), "sh", "-euc", script, "sh")
		cmd.Dir, cmd.Env = dir, append(f.environ(), "URL="+f.git.URL)
		cmd.Stdin = strings.NewReader(strings.Join(f.names, "\n"))
		return f.measure(func() (cpu, own time.Duration) {
			if out, err := cmd.CombinedOutput(); err != nil {
				b.Fatalf("%v\n%s", err, out)
			}
			return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), 0
		})
	}
}

func (f *fleet) measure(round func() (cpu, own time.Duration)) cost {
	states, git, began := f.states.requests.Load(), f.git.Requests(), time.Now()
	cpu, own := round()
	return cost{time.Since(began), cpu, own, int(f.states.requests.Load() - states), f.git.Requests() - git}
}

// agent makes a round of a running agent.
func (f *fleet) agent(b *testing.B) func() cost {
	dir := b.TempDir()
	configure(b, dir, fmt.Sprintf(`
source "git" "fleet" {
  url           = %q
  branch        = "main"
  poll_interval = "1h"
}
task "terraform" "fleet" {
  source        = source.git.fleet
  interval      = "1h"
  parallelism   = %d
  confirm_after = "0s"
  env           = { TF_CLI_CONFIG_FILE = %q }
}
`, f.git.URL, fleetParallel, f.cliConfig))
	var a *agent
	return func() cost {
		return f.measure(func() (cpu, own time.Duration) {
			plans := int(f.states.requests.Load()) + len(f.names)
			if a == nil { // its first round begins by itself
				a = start(b, nil, "agent", "-config="+filepath.Join(dir, "main.hcl"))
				f.awaitRun(a, plans, time.Time{})
				return a.cpu()
			}
			last := *a.block(fleetTask).LastRun
			cpu, own = a.cpu()
			if answer := a.post("/v1/tasks/" + fleetTask + "/check"); !strings.Contains(answer, `"started"`) {
				b.Fatal(answer)
			}
			f.awaitRun(a, plans, last)
			cpuAfter, ownAfter := a.cpu()
			return cpuAfter - cpu, ownAfter - own
		})
	}
}

// fleetTask is the address of the task.
const fleetTask = "task.terraform.fleet"

// awaitRun waits for a run after the last one, which takes as long as terraform
// does. The agent is asked as little as can be: that is in its share.
func (f *fleet) awaitRun(a *agent, plans int, last time.Time) {
	a.t.Helper()
	for deadline := time.Now().Add(10 * time.Minute); ; time.Sleep(20 * time.Millisecond) {
		if int(f.states.requests.Load()) >= plans {
			time.Sleep(100 * time.Millisecond)
			if at := a.block(fleetTask).LastRun; at != nil && at.After(last) {
				return
			}
		}
		if time.Now().After(deadline) {
			a.t.Fatalf("the run did not end; the backend was asked %d times, want at least %d", f.states.requests.Load(), plans)
		}
	}
}

// clockTick is the unit of the kernel for times in /proc, which is the same on
// all architectures of Linux.
const clockTick = 10 * time.Millisecond

// cpu is the CPU time of the process and of all that it has started and that
// has ended, and its own alone.
func (a *agent) cpu() (all, own time.Duration) {
	a.t.Helper()
	text := read(a.t, fmt.Sprintf("/proc/%d/stat", a.cmd.Process.Pid))
	_, rest, _ := strings.Cut(text, ") ") // the name may hold anything
	fields := strings.Fields(rest)
	ticks := make([]time.Duration, 4) // utime, stime, cutime, cstime: see proc(5)
	for i := range ticks {
		n, err := strconv.Atoi(fields[11+i])
		if err != nil {
			a.t.Fatalf("the times of the process: %v", err)
		}
		ticks[i] = time.Duration(n) * clockTick
	}
	own = ticks[0] + ticks[1]
	return own + ticks[2] + ticks[3], own
}
