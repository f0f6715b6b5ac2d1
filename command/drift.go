package command

import (
	"context"
	"net/url"
	"strconv"
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
	sum := e.Drift(answer.Stacks)
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
	client, err := e.client(ctx)
	if err != nil {
		e.Error(err)
		return exitError
	}
	query := url.Values{"limit": {strconv.FormatInt(int64(e.flags.Int("limit")), 10)}}
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
	e.History(answer.Transitions)
	return exitOK
}
