package terraform

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/internal/gitrepo"
	"github.com/driftless-hq/driftless/internal/testutil/gitserver"
)

// TestTheCommitMoves is 68.
func TestTheCommitMoves(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.stack(t, "stack", oneFile)
	code := func(more string) map[string]string {
		files := map[string]string{"README.md": more}
		for _, name := range []string{"stack/main.tf", "stack/backend.tf"} {
			data, err := os.ReadFile(filepath.Join(l.root, name))
			if err != nil {
				t.Fatal(err)
			}
			files[name] = string(data)
		}
		return files
	}
	remote := gitserver.New(t)
	remote.Commit(t, "main", code("one"))
	repo, err := gitrepo.Open(t.TempDir(), gitrepo.Options{URL: remote.ServeHTTP(t, gitserver.HTTPOptions{}).URL})
	if err != nil {
		t.Fatal(err)
	}
	defer repo.Close()
	follow := func() string {
		t.Helper()
		commit, _, err := repo.Fetch(t.Context())
		if err == nil {
			l.root, err = repo.Checkout(t.Context(), commit.Hash)
		}
		if err != nil {
			t.Fatal(err)
		}
		return commit.Hash
	}
	commit := follow()
	l.apply(t, "stack")
	c := l.clinic(t, remediation(strategyApply))
	c.attrs["path"] = cty.NullVal(cty.String)
	at := func(commit string) {
		c.attrs["source"] = cty.ObjectVal(map[string]cty.Value{"path": cty.StringVal(l.root), "commit": cty.StringVal(commit)})
	}
	at(commit)
	c.write("a", "by hand")
	task := c.open()
	change, _ := plan(t, task)
	remote.Commit(t, "main", code("two"))
	next := follow()
	line, _ := c.apply(task, change)
	if want := "not reverted: the commit has moved since the plan, from " + commit[:10] + " to " + next[:10]; !strings.HasSuffix(line, want) || c.read("a") != "by hand" {
		t.Errorf("%s, want %q; the file is %q", line, want, c.read("a"))
	}
	at(next)
	c.expect("the next check", "clean: as declared; reverted")
}
