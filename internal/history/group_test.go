package history

import (
	"fmt"
	"testing"
	"time"

	"github.com/driftless-hq/driftless/internal/plan"
)

func TestOneCauseAcrossManyStacksIsOneGroup(t *testing.T) {
	at := func(run int64, name string, event Event, fingerprint, problem string) Transition {
		return Transition{Run: run, Subject: Subject{network.Task, name}, Event: event, Verdict: Drifted, Error: problem, Found: Found{Fingerprint: fingerprint}}
	}
	for _, tt := range []struct {
		name string
		all  []Transition
		want string
	}{
		{"the same difference", []Transition{at(1, "a", New, "x", ""), at(1, "b", New, "x", "")}, "[[a b]]"},
		{"other differences", []Transition{at(1, "a", New, "x", ""), at(1, "b", New, "y", ""), at(1, "c", New, "x", "")}, "[[a c] [b]]"},
		{"the same error, which names each stack", []Transition{at(1, "a/x", Errored, "", "a/x/main.tf: denied"), at(1, "b/x", Errored, "", "b/x/main.tf: denied")}, "[[a/x b/x]]"},
		{"the same error, of which the name of one is a part", []Transition{at(1, "net", Errored, "", "no network"), at(1, "db", Errored, "", "no network")}, "[[net db]]"},
		{"other errors", []Transition{at(1, "net", Errored, "", "denied"), at(1, "db", Errored, "", "no route")}, "[[net] [db]]"},
		{"other events", []Transition{at(1, "a", New, "x", ""), at(1, "b", Resolved, "x", "")}, "[[a] [b]]"},
		{"another run", []Transition{at(1, "a", New, "x", ""), at(2, "b", New, "x", "")}, "[[a] [b]]"},
		{"the task itself", []Transition{at(1, "", Errored, "", "denied"), at(1, "a", Errored, "", "denied")}, "[[] [a]]"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got [][]string
			count := 0
			for _, g := range GroupByCause(tt.all) {
				got = append(got, g.Names)
				count += g.Count
			}
			if text := fmt.Sprint(got); text != tt.want || count != len(tt.all) {
				t.Errorf("got %s of %d, want %s", text, count, tt.want)
			}
		})
	}
}

func TestAGroupOfVeryManyNamesNotAllOfThem(t *testing.T) {
	var all []Transition
	for i := range 3 * maxNames {
		all = append(all, Transition{ID: int64(i), Subject: Subject{network.Task, fmt.Sprint("stack", i)}, Event: New})
	}
	g := GroupByCause(all)[0]
	if len(g.Names) != maxNames || g.Count != len(all) || len(g.IDs) != len(all) || !g.IsTruncated {
		t.Errorf("%d names of %d, truncated %t", len(g.Names), g.Count, g.IsTruncated)
	}
}

func named(names ...string) (resources []plan.EntryRecord) {
	for _, name := range names {
		resources = append(resources, plan.EntryRecord{Name: name})
	}
	return resources
}

func TestMessages(t *testing.T) {
	open := &Drift{Since: start, Recurring: 2}
	for _, tt := range []struct {
		event   Event
		verdict string
		names   []string
		more    Transition
		want    string
	}{
		{New, Drifted, []string{"net"}, Transition{Drift: &Drift{Since: start.Add(3 * time.Hour)}, Found: Found{Summary: "1 drifted", Commit: "0123456789ab"}}, "net has drifted: 1 drifted (at 01234567)"},
		{New, Drifted, []string{"a", "b"}, Transition{Drift: open}, "2 stacks (a, b) have drifted again, as 2 times before"},
		{New, "pending", []string{"net"}, Transition{}, "net has code that is not applied"},
		{New, "drifted_pending", []string{"a", "b", "c", "d"}, Transition{}, "4 stacks (a, b, c and 1 more) have drifted, and have code that is not applied"},
		{New, "unapplied", []string{"net"}, Transition{}, "net was never applied"},
		{New, Drifted, []string{"net"}, Transition{Found: Found{Summary: "2 drifted, 1 pending", Resources: named("a.one", "a.two", "a.two", "a.three", "a.four", "a.five")}}, "net has drifted: a.one, a.two, a.three and 2 more"},
		{New, Drifted, []string{"net"}, Transition{Found: Found{Summary: "70 drifted", Truncated: true, Resources: named("a.one")}}, "net has drifted: 70 drifted"},
		{New, Drifted, []string{"net"}, Transition{Found: Found{Summary: "1 drifted; waits for approval", Remedy: Remedy{State: "awaiting_approval"}, Resources: named("a.one")}}, "net has drifted: a.one (1 drifted; waits for approval)"},
		{New, Drifted, []string{"net"}, Transition{Found: Found{Summary: "1 drifted; waits for approval", Commit: "0123456789ab", Remedy: Remedy{State: "awaiting_approval"}, Resources: named("a.one")}}, "net has drifted: a.one (1 drifted; waits for approval; at 01234567)"},
		{New, Drifted, []string{""}, Transition{Found: Found{Summary: "content", Resources: named("/etc/motd")}}, "task.terraform.infra has drifted: content"},
		{New, "odd_word", []string{"net"}, Transition{}, "net is odd and word"},
		{Changed, Drifted, []string{"net"}, Transition{Found: Found{Summary: "2 drifted"}}, "net is still not as declared, in another way: 2 drifted"},
		{Resolved, Clean, []string{"net"}, Transition{Drift: open}, "net is as declared again after 3h"},
		{Remediated, Clean, []string{""}, Transition{Drift: &Drift{Since: start.Add(3 * time.Hour), Recurring: 1}}, "task.terraform.infra was brought back to what is declared again, as once before"},
		{Remediated, Clean, []string{"net"}, Transition{Found: Found{Summary: "1 drifted", Remedy: Remedy{ApprovedBy: "on-call"}}}, "net was brought back to what is declared: 1 drifted, as on-call had approved"},
		{Errored, Failed, []string{"net"}, Transition{Error: "denied\nand more"}, "net could not be checked: denied"},
		{Errored, Drifted, []string{"net"}, Transition{Error: "denied"}, "net could not be put right: denied"},
		{Stale, Aged, []string{"net"}, Transition{}, "net has not been checked with success for too long"},
		{Recovered, Clean, []string{"net"}, Transition{}, "net can be checked again, and is as declared"},
		{Recovered, "drifted_pending", []string{"net"}, Transition{}, "net can be checked again, and has drifted, and has code that is not applied"},
		{Recovered, Checked, []string{""}, Transition{}, "task.terraform.infra can be checked again"},
	} {
		t.Run(tt.want, func(t *testing.T) {
			var all []Transition
			for _, name := range tt.names {
				one := tt.more
				one.Event, one.Verdict, one.At, one.Subject = tt.event, tt.verdict, start.Add(3*time.Hour), Subject{network.Task, name}
				all = append(all, one)
			}
			if got := GroupByCause(all)[0].Message(); got != tt.want {
				t.Errorf("got %q", got)
			}
		})
	}
}

func TestAgo(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second: "0s", 0: "0s", 90 * time.Second: "90s", 5*time.Minute + 59*time.Second: "5m", 119 * time.Minute: "119m", 3 * time.Hour: "3h", 47 * time.Hour: "47h", 50 * time.Hour: "2d",
	} {
		if got := Ago(d); got != want {
			t.Errorf("%s is %q, want %q", d, got, want)
		}
	}
}
