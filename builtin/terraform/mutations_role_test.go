package terraform

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/driftless-hq/driftless/internal/testutil/postgres"
	"github.com/driftless-hq/driftless/internal/testutil/tfprovider"
)

const limitedRole = `
resource "fixture_role" "a" {
  database         = "DATABASE"
  name             = "ROLE"
  connection_limit = 10
  comment          = "as declared"
}
`

// roleMutations are changes of a real database. ROLE stands for the role of the
// row.
func roleMutations(server *postgres.Server) []mutation {
	sql := func(statements string) func(*testing.T, *mutated) {
		return func(t *testing.T, m *mutated) {
			server.Exec(t, strings.ReplaceAll(statements, "ROLE", roleOf(t)))
		}
	}
	limit := []string{"drift update fixture_role.a", "  connection_limit: 10 -> 99"}
	return []mutation{
		{name: "a role is as it was", verdict: "clean: as declared"},
		{name: "alter role", then: sql("alter role ROLE connection limit 99"), verdict: "drifted: 1 drifted", detail: limit},
		{name: "comment on role", then: sql("comment on role ROLE is 'by hand'"), verdict: "drifted: 1 drifted",
			detail: []string{"drift update fixture_role.a", `  comment: "as declared" -> "by hand"`}},
		{name: "a comment is taken away", then: sql("comment on role ROLE is null"), verdict: "drifted: 1 drifted",
			detail: []string{"drift update fixture_role.a", `  comment: "as declared" -> null`}},
		{name: "drop role", then: sql("drop role ROLE"), verdict: "drifted: 1 drifted", detail: []string{"drift delete fixture_role.a"}},
		{name: "a role is made anew as it was", then: sql("drop role ROLE; create role ROLE connection limit 10; comment on role ROLE is 'as declared'"),
			verdict: "clean: 1 changed outside as the code allows"},
		{name: "a role is made anew with another limit", then: sql("drop role ROLE; create role ROLE connection limit 99; comment on role ROLE is 'as declared'"),
			verdict: "drifted: 1 drifted", detail: limit},
		{name: "a role is renamed", then: sql("alter role ROLE rename to ROLE_old"), verdict: "drifted: 1 drifted", detail: []string{"drift delete fixture_role.a"}},
		{name: "alter role and the code want the same", then: all(sql("alter role ROLE connection limit 99"), recoded("= 10", "= 99")),
			verdict: "clean: 1 changed outside as the code allows"},
		{name: "alter role and the code want different limits", then: all(sql("alter role ROLE connection limit 99"), recoded("= 10", "= 20")),
			verdict: "drifted_pending: 1 drifted, 1 pending", detail: []string{"both update fixture_role.a", "  connection_limit: 99 -> 20"}},
		{name: "the database is gone", then: func(t *testing.T, m *mutated) {
			replace(t, filepath.Join(m.state, m.name+".tfstate"), server.Connection, "host=/nowhere user=owner dbname=postgres")
		}, verdict: "error: Cannot keep the role"},
	}
}

func roleOf(t *testing.T) string { return "role_" + stackID(t.Name()) }

// TestVerdictsOfRolesInADatabase is the matrix of a provider that speaks to a
// server. What differs is made with SQL.
func TestVerdictsOfRolesInADatabase(t *testing.T) {
	t.Parallel()
	server := postgres.Start(t)
	for _, command := range commands() {
		t.Run(command.name, func(t *testing.T) {
			t.Parallel()
			binary, cliConfig := command.find(t), tfprovider.CLIConfig(t)
			for _, m := range roleMutations(server) {
				t.Run(m.name, func(t *testing.T) {
					t.Parallel()
					m.code = strings.NewReplacer("DATABASE", server.Connection, "ROLE", roleOf(t)).Replace(limitedRole)
					m.check(t, newLabWith(t, binary, cliConfig))
				})
			}
		})
	}
}
