package command

import (
	"context"

	"github.com/driftless-hq/driftless/agent/api"
)

// approveHelp says where an id is from.
const approveHelp = `driftless drift shows the remedies that await approval, with their ids. An id stands for this drift of this stack at this commit: another drift takes another approval. The agent has to know who asks, so this takes a token of its block auth, with the role operator, in the environment variable DRIFTLESS_TOKEN or with -token-file.`

func runApprove(ctx context.Context, e env) int {
	id := e.flags.Args().First()
	if id == "" {
		e.UsageError(usageError{"Name the id of the remedy; driftless drift shows those that await approval.", "approve"})
		return exitError
	}
	e.Begin()
	client, err := e.client(ctx)
	if err != nil {
		e.Error(err)
		return exitError
	}
	if e.flags.Bool("revoke") {
		revoked, err := client.Revoke(ctx, id)
		if err != nil {
			e.Error(err)
			return exitError
		}
		e.Revoked(revoked)
		return exitOK
	}
	approved, err := client.Approve(ctx, api.GrantRequest{ID: id, Reason: e.flags.String("reason"), Lasts: e.flags.String("lasts")})
	if err != nil {
		e.Error(err)
		return exitError
	}
	e.Approved(approved)
	return exitOK
}
