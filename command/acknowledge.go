package command

import (
	"context"

	"github.com/driftless-hq/driftless/agent/api"
)

// acknowledgeHelp says where an id is from, and what follows.
const acknowledgeHelp = `driftless drift shows the ids of what is not as declared; the first characters are enough. An id stands for the same differences in all stacks that have them now. What is acknowledged is shown as before, but not told again while it is the same, also when it was gone and comes back, until the time is over. When it becomes another drift, that is told. The agent has to know who asks, so this takes a token of its block auth, with the role operator, in the environment variable DRIFTLESS_TOKEN or with -token-file.`

func runAcknowledge(ctx context.Context, e env) int {
	id := e.flags.Args().First()
	if id == "" {
		e.UsageError(usageError{"Name the id of the drift; driftless drift shows those that there are.", "acknowledge"})
		return exitError
	}
	isRevoked := e.flags.Bool("revoke")
	if !isRevoked && e.flags.String("reason") == "" {
		e.UsageError(usageError{"Say why with -reason, for those who read it later.", "acknowledge"})
		return exitError
	}
	e.Begin()
	client, err := e.client(ctx)
	if err != nil {
		e.Error(err)
		return exitError
	}
	var answer api.Acknowledgements
	if isRevoked {
		answer, err = client.Unacknowledge(ctx, id)
	} else {
		answer, err = client.Acknowledge(ctx, api.GrantRequest{ID: id, Reason: e.flags.String("reason"), Lasts: e.flags.String("lasts")})
	}
	if err != nil {
		e.Error(err)
		return exitError
	}
	e.Acknowledged(answer.Acknowledgements, isRevoked)
	return exitOK
}
