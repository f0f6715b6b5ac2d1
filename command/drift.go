package command

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/driftless-hq/driftless/agent/api"
	"github.com/driftless-hq/driftless/internal/suggest"
)

func runDrift(ctx context.Context, e env) int {
	e.Begin()
	client, err := e.client(ctx)
	if err != nil {
		e.Error(err)
		return exitError
	}
	answer, err := client.Stacks(ctx)
	if err != nil {
		e.Error(err)
		return exitError
	}
	sum := e.Drift(answer.Stacks, e.flags.Bool("ignored"))
	switch {
	case !e.flags.Bool("detailed-exitcode"):
		return exitOK
	case sum.Open > 0:
		return exitChanges
	case sum.Unchecked > 0:
		return exitError // nobody knows
	}
	return exitOK
}

func runHistory(ctx context.Context, e env) int {
	e.Begin()
	if err := checkEvent(e.flags.String("event")); err != nil {
		e.Error(err)
		return exitError
	}
	client, err := e.client(ctx)
	if err != nil {
		e.Error(err)
		return exitError
	}
	limit := e.flags.Int("limit")
	query := url.Values{"limit": {strconv.Itoa(limit)}}
	for _, name := range []string{"task", "stack", "event", "since"} {
		if value := e.flags.String(name); value != "" {
			query.Set(name, value)
		}
	}
	answer, err := client.History(ctx, query)
	if err != nil {
		e.Error(err)
		return exitError
	}
	if len(answer.Transitions) == 0 && (query.Has("task") || query.Has("stack")) {
		if err := e.checkSubject(ctx, client); err != nil {
			e.Error(err)
			return exitError
		}
	}
	e.History(answer.Transitions, limit)
	return exitOK
}

// checkEvent returns an error for an event that never happens.
func checkEvent(event string) error {
	if event == "" || slices.Contains(eventNames(), event) {
		return nil
	}
	if near := suggest.Name(event, eventNames()); near != "" {
		return fmt.Errorf("there is no event %q; did you mean %s?", event, near)
	}
	return fmt.Errorf("there is no event %q; there are %s", event, strings.Join(eventNames(), ", "))
}

// checkSubject returns an error where -task or -stack is nothing that the agent
// knows of, and close to what it does: it is mistyped.
func (e env) checkSubject(ctx context.Context, client *api.Client) error {
	answer, err := client.Stacks(ctx)
	if err != nil {
		return err
	}
	var tasks, stacks []string
	for _, s := range answer.Stacks {
		tasks, stacks = append(tasks, s.Task), append(stacks, s.Name)
	}
	for _, named := range []struct {
		flag  string
		known []string
	}{{"task", tasks}, {"stack", stacks}} {
		given := e.flags.String(named.flag)
		if given == "" || slices.Contains(named.known, given) {
			continue
		}
		if near := suggest.Name(given, named.known); near != "" {
			return fmt.Errorf("the agent knows no %s %s; did you mean %s?", named.flag, given, near)
		}
	}
	return nil
}
