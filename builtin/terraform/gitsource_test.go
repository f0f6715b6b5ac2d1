package terraform

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/internal/gitrepo"
	"github.com/driftless-hq/driftless/internal/testutil/gitserver"
	"github.com/driftless-hq/driftless/internal/testutil/tfprovider"
)

// TestFollowsAGitSource checks a stack out of a real repository, whose absolute
// path is in its state, across two commits.
func TestFollowsAGitSource(t *testing.T) {
	t.Parallel()
	lab := newLab(t)
	code := func(content string) map[string]string {
		return map[string]string{"envs/prod/main.tf": tfprovider.Requirements + `
terraform {
  backend "local" {
    path = "` + filepath.Join(lab.state, "prod.tfstate") + `"
  }
}
resource "fixture_file" "a" {
  path    = "` + lab.file("a") + `"
  content = "${abspath(path.module)} ` + content + `"
}
`}
	}
	remote := gitserver.New(t)
	remote.Commit(t, "main", code("one"))
	repo, err := gitrepo.Open(t.TempDir(), gitrepo.Options{URL: remote.ServeHTTP(t, gitserver.HTTPOptions{}).URL})
	if err != nil {
		t.Fatal(err)
	}
	defer repo.Close()
	check := func() (string, string) {
		t.Helper()
		commit, _, err := repo.Fetch(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if lab.root, err = repo.Checkout(t.Context(), commit.Hash); err != nil {
			t.Fatal(err)
		}
		task := lab.open(t, map[string]cty.Value{"path": cty.NullVal(cty.String), "source": cty.ObjectVal(map[string]cty.Value{
			"path": cty.StringVal(lab.root), "commit": cty.StringVal(commit.Hash),
		})})
		change, _ := plan(t, task)
		if got := change.After.GetAttr("results").Index(cty.StringVal("envs/prod")).GetAttr("commit").AsString(); got != commit.Hash {
			t.Errorf("the result is of the commit %s, want %s", got, commit.Hash)
		}
		f := finding(t, change, "envs/prod")
		return f.Verdict, strings.Join(rendered(f), "\n")
	}
	if verdict, _ := check(); verdict != "unapplied" {
		t.Errorf("before the apply it is %s", verdict)
	}
	lab.apply(t, "envs/prod")
	remote.Commit(t, "main", map[string]string{"README.md": "a commit that changes no stack"})
	if verdict, detail := check(); verdict != "clean" {
		t.Errorf("after the apply it is not clean:\n%s", detail)
	}
	remote.Commit(t, "main", code("two"))
	if verdict, _ := check(); verdict != "pending" {
		t.Errorf("with new code it is %s", verdict)
	}
}
