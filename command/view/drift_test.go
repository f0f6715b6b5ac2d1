package view

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/driftless-hq/driftless/agent/api"
	past "github.com/driftless-hq/driftless/internal/history"
	"github.com/driftless-hq/driftless/internal/plan"
	"github.com/driftless-hq/driftless/plugin"
)

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

// known is a stack that was checked minutes ago.
func known(task, name, verdict string, minutes int, more func(*api.Stack)) api.Stack {
	at := noon.Add(-time.Duration(minutes) * time.Minute)
	s := api.Stack{Fresh: true, State: past.State{Subject: past.Subject{Task: task, Name: name}, Verdict: verdict, Known: verdict, Since: at, LastCheck: at, LastSuccess: at}}
	if more != nil {
		more(&s)
	}
	return s
}

func shown(show func(*View)) string {
	var out bytes.Buffer
	show(New(Streams{In: strings.NewReader(""), Out: &out, Err: io.Discard}, Options{Now: func() time.Time { return noon }}))
	return out.String()
}

func TestDrift(t *testing.T) {
	drifted := func(s *api.Stack) {
		s.Drift = &past.Drift{Since: noon.Add(-3 * time.Hour), Commit: "0123456789abcdef", Recurring: 2}
		s.Summary = "1 drifted"
		s.Resources = []plan.EntryRecord{{Name: "aws_instance.web", Class: "drift", Action: plugin.Update, Attributes: []plan.DifferRecord{{Path: "tags.Name", Before: `"web"`, After: "\"\x1b[2Jtest\""}}}}
	}
	for _, tt := range []struct {
		name string
		all  []api.Stack
		want string
		sum  DriftSummary
	}{
		{"nothing is known", nil, "The agent has not looked at anything yet.\n", DriftSummary{}},
		{"all is as declared", []api.Stack{
			known("task.file.motd", "", "clean", 3, nil), known("task.terraform.infra", "db", "clean", 12, nil), known("task.terraform.infra", "net", "clean", 5, nil),
		}, "Nothing has drifted: 2 stacks and 1 task as declared, all checked within the last 12m.\n", DriftSummary{Stacks: 2, Tasks: 1}},
		{"somebody is at work on a stack", []api.Stack{known("task.terraform.infra", "net", "locked", 5, func(s *api.Stack) { s.Fresh = false })},
			"Nothing has drifted: 1 stack as declared, all checked within the last 5m.\n", DriftSummary{Stacks: 1}},
		{"much is wrong", []api.Stack{
			known("task.file.motd", "", "drifted", 3, func(s *api.Stack) {
				s.Drift = &past.Drift{Since: noon.Add(-50 * time.Hour)}
				s.Diff, s.Truncated = "-wrong\n+right\n", true
			}),
			known("task.terraform.infra", "db", "clean", 3, nil),
			known("task.terraform.infra", "envs/prod/network", "drifted", 3, drifted),
			known("task.terraform.infra", "net", "error", 300, func(s *api.Stack) {
				drifted(s)
				s.Fresh, s.Error, s.Resources, s.Drift.Recurring = false, "no credentials\nat all", nil, 1
			}),
			known("task.terraform.infra", "new", "error", 3, func(s *api.Stack) { s.Fresh, s.Error, s.LastSuccess = false, "denied", time.Time{} }),
		}, `task.file.motd
  this host          drifted  since 2d ago
        -wrong
        +right
        ... and more than is kept

task.terraform.infra
  envs/prod/network  drifted  since 3h ago at 01234567  came back 2 times  1 drifted
        ~ aws_instance.web  drift
            tags.Name = "web" -> "␛[2Jtest"
  net                error    since 3h ago at 01234567  came back once  1 drifted  last checked with success 5h ago
      no credentials
      at all
  new                error    never checked with success
      denied

3 not as declared, 2 could not be checked, of 4 stacks and 1 task.
`, DriftSummary{Stacks: 4, Tasks: 1, Open: 3, Unchecked: 2}},
		{"a task failed as a whole", []api.Stack{
			known("task.terraform.infra", "", "error", 3, func(s *api.Stack) { s.Fresh, s.Error = false, "there is no terraform" }),
			known("task.terraform.infra", "db", "unknown", 3, func(s *api.Stack) { s.Fresh = false }),
			known("task.terraform.infra", "net", "unknown", 3, func(s *api.Stack) { s.Fresh, s.Drift = false, &past.Drift{Since: noon.Add(-3 * time.Hour)} }),
		}, `task.terraform.infra
  the task  error    last checked with success 3m ago
      there is no terraform
  net       unknown  since 3h ago  last checked with success 3m ago

1 not as declared, 3 could not be checked, of 2 stacks and 1 task.
`, DriftSummary{Stacks: 2, Tasks: 1, Open: 1, Unchecked: 3}},
		{"one cause ails all stacks of a task", []api.Stack{
			known("task.terraform.infra", "db", "error", 3, func(s *api.Stack) { s.Fresh, s.Error = false, "denied" }),
			known("task.terraform.infra", "net", "error", 3, func(s *api.Stack) { s.Fresh, s.Error = false, "denied" }),
			known("task.terraform.other", "net", "error", 3, func(s *api.Stack) { s.Fresh, s.Error = false, "denied" }),
		}, `task.terraform.infra
  db   error  last checked with success 3m ago
      denied
  net  error  last checked with success 3m ago
      the same error

task.terraform.other
  net  error  last checked with success 3m ago
      denied

0 not as declared, 3 could not be checked, of 3 stacks.
`, DriftSummary{Stacks: 3, Unchecked: 3}},
		{"a file is to be made", []api.Stack{known("task.file.motd", "", "drifted", 3, func(s *api.Stack) {
			s.Drift = &past.Drift{Since: noon}
			s.Resources = []plan.EntryRecord{{Name: "/etc/motd", Class: "drift", Action: plugin.Create, Attributes: []plan.DifferRecord{{Path: "mode", After: `"0644"`}, {Path: "gone", Before: "1"}}}, {Name: "left.alone", Class: "pending", Action: plugin.Forget}}
		})}, `task.file.motd
  this host  drifted  since 0s ago
        + /etc/motd  drift
            mode = "0644"
            gone = 1
        . left.alone  pending

1 not as declared, 0 could not be checked, of 1 task.
`, DriftSummary{Tasks: 1, Open: 1}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var sum DriftSummary
			got := shown(func(v *View) { sum = v.Drift(tt.all, false) })
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("output (-want +got):\n%s\n%s", diff, got)
			}
			if diff := cmp.Diff(tt.sum, sum); diff != "" {
				t.Errorf("summary (-want +got):\n%s", diff)
			}
		})
	}
}

// TestDriftThatIsAcknowledged is shown as any other, with who knows of it.
func TestDriftThatIsAcknowledged(t *testing.T) {
	known := known("task.terraform.infra", "net", "drifted", 3, func(s *api.Stack) {
		by := past.Acknowledgement{By: "on-call", Reason: "we\x1bwait", At: noon.Add(-5 * time.Minute), Until: noon.Add(time.Hour)}
		s.Drift, s.Summary, s.Fingerprint = &past.Drift{Since: noon.Add(-3 * time.Hour), Acknowledged: &by}, "1 drifted", "0123456789abcdef"
	})
	until := noon.Add(time.Hour).Local().Format(time.DateTime)
	want := `task.terraform.infra
  net  drifted  since 3h ago  1 drifted  id 0123456789ab
      acknowledged by on-call 5m ago, until ` + until + `: we␛wait

1 not as declared (1 acknowledged), 0 could not be checked, of 1 stack.
`
	if diff := cmp.Diff(want, shown(func(v *View) { v.Drift([]api.Stack{known}, false) })); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}
	one := api.Acknowledgement{Task: "task.terraform.infra", Stack: "net", Acknowledgement: *known.Drift.Acknowledged}
	host := one
	host.Task, host.Stack = "task.file.motd", ""
	for _, test := range []struct {
		all       []api.Acknowledgement
		isRevoked bool
		want      string
	}{
		{[]api.Acknowledgement{one}, false, "Acknowledged: net of task.terraform.infra. It is not told again before " + until + ", unless it becomes another drift."},
		{[]api.Acknowledgement{host, one}, true, "Taken back: task.file.motd and net of task.terraform.infra. What is still not as declared is told again."},
		{[]api.Acknowledgement{host, one, host, one, host}, true, "Taken back: task.file.motd, net of task.terraform.infra, task.file.motd and 2 more. What is still not as declared is told again."},
		{nil, false, "Acknowledged: nothing."},
	} {
		got := strings.Join(strings.Fields(shown(func(v *View) { v.Acknowledged(test.all, test.isRevoked) })), " ")
		if got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}

// TestDriftThatIsIgnored is counted, and shown to who asks for it.
func TestDriftThatIsIgnored(t *testing.T) {
	all := []api.Stack{
		known("task.terraform.infra", "db", "clean", 3, func(s *api.Stack) {
			s.Ignored = past.Ignored{Further: 7, Parts: []plan.IgnoredRecord{
				{Address: "aws_instance.old", Class: "drift", Action: plugin.Delete, By: plan.IgnoredBy{Line: 3, Pattern: "aws_instance.*"}},
				{Address: "aws_instance.\x1bweb", Class: "both", Action: plugin.Update, Attributes: []string{"size", "tags.LastScan"}, By: plan.IgnoredBy{Pattern: "*", Reason: "known", Owner: "us", Expires: "2027-01-31"}},
			}}
		}),
		known("task.terraform.infra", "net", "clean", 3, nil),
	}
	const line = "Nothing has drifted: 2 stacks as declared, all checked within the last 3m."
	if diff := cmp.Diff(line+" 9 differences ignored; -ignored shows them.\n", shown(func(v *View) { v.Drift(all, false) })); diff != "" {
		t.Errorf("unless it is asked for (-want +got):\n%s", diff)
	}
	want := `task.terraform.infra
  db  clean
        - aws_instance.old  drift, ignored
            by line 3 of .driftignore: aws_instance.*
        ~ aws_instance.␛web  both, ignored  size, tags.LastScan
            by the rule for *: known, owner us, until 2027-01-31
        ... and 7 more that are ignored

` + line + "\n"
	if diff := cmp.Diff(want, shown(func(v *View) { v.Drift(all, true) })); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}
}

// TestDriftThatAwaitsApproval says what a remedy does, and how to approve it.
func TestDriftThatAwaitsApproval(t *testing.T) {
	remedied := func(r past.Remedy, granted *api.Granted) api.Stack {
		return known("task.terraform.infra", "net", "drifted", 3, func(s *api.Stack) {
			s.Drift, s.Summary, s.Remedy, s.Granted = &past.Drift{Since: noon.Add(-3 * time.Hour)}, "1 drifted", r, granted
		})
	}
	changes := []plan.RemedyChange{{Address: "a.x", Action: plugin.Update}, {Address: "a.y", Action: plugin.Create}, {Address: "a.z", Action: plugin.Update}}
	awaiting := past.Remedy{Strategy: "apply", State: plan.RemedyAwaiting, ID: "1f", Changes: changes}
	further, adopt, unknown := awaiting, awaiting, awaiting
	further.Changes, further.Further = changes[:2], 7
	adopt.Strategy, unknown.Changes = "adopt", nil
	for _, tt := range []struct {
		name string
		all  api.Stack
		want string
	}{
		{"an apply", remedied(awaiting, nil), "to update a.x and a.z, and create a.y: driftless approve 1f"},
		{"one of very much", remedied(further, nil), "to update a.x, and create a.y, and change 7 more: driftless approve 1f"},
		{"to adopt", remedied(adopt, nil), "to have the state take over a.x, a.y and a.z: driftless approve 1f"},
		{"a task that doesn't say", remedied(unknown, nil), "to have it remedied: driftless approve 1f"},
		{"approved already", remedied(awaiting, &api.Granted{By: "on-call", At: noon.Add(-5 * time.Minute)}), "approved by on-call 5m ago: to update a.x and a.z, and create a.y"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := shown(func(v *View) { v.Drift([]api.Stack{tt.all}, false) })
			want := "task.terraform.infra\n  net  drifted  since 3h ago  1 drifted\n      " + tt.want + "\n\n1 not as declared, 0 could not be checked, of 1 stack.\n"
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("output (-want +got):\n%s", diff)
			}
		})
	}
	until := noon.Add(24 * time.Hour)
	got := shown(func(v *View) {
		v.Approved(api.Approval{Task: "task.terraform.infra", Stack: "net", Remedy: awaiting, Granted: &api.Granted{By: "on-call", Until: until}})
		v.Revoked(api.Approval{Task: "task.terraform.infra", Stack: "net", Remedy: past.Remedy{ID: "1f"}})
	})
	for _, want := range []string{"Approved, for net of task.terraform.infra: to update a.x and a.z, and create a.y.", until.Local().Format(time.DateTime), "Taken back, for net of task.terraform.infra"} {
		if !strings.Contains(strings.Join(strings.Fields(got), " "), want) {
			t.Errorf("want %q in:\n%s", want, got)
		}
	}
}

func TestHistory(t *testing.T) {
	network := past.Subject{Task: "task.terraform.infra", Name: "net"}
	got := shown(func(v *View) {
		v.History([]past.Transition{
			{At: noon, Subject: network, Event: past.Resolved, Drift: &past.Drift{Since: noon.Add(-3 * time.Hour)}},
			{At: noon, Subject: past.Subject{Task: "task.file.motd"}, Event: past.New, Verdict: past.Drifted},
		}, 100)
	})
	at := noon.Local().Format(time.DateTime)
	want := at + "  resolved  task.terraform.infra  net is as declared again after 3h\n" + at + "  new       task.file.motd has drifted\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}
	got = shown(func(v *View) {
		var all []past.Transition
		for _, name := range []string{"d", "c", "b", "a"} {
			all = append(all, past.Transition{At: noon, Run: 1, Subject: past.Subject{Task: network.Task, Name: name}, Event: past.Errored, Verdict: past.Failed, Error: "denied"})
		}
		other := all[0]
		other.Task = "task.terraform.other"
		v.History(append([]past.Transition{other}, all...), 5)
	})
	want = at + "  error  task.terraform.other  d could not be checked: denied\n" +
		at + "  error  task.terraform.infra  4 stacks (a, b, c and 1 more) could not be checked: denied\nThese are the last 5. -limit shows more.\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("output of one cause (-want +got):\n%s", diff)
	}
	if got := shown(func(v *View) { v.History(nil, 100) }); got != "Nothing has happened that the agent remembers.\n" {
		t.Errorf("got %q", got)
	}
}
