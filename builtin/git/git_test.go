package git

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/go-hclog"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/internal/gitrepo"
	"github.com/driftless-hq/driftless/internal/testutil/gitserver"
	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// clock is a time that the test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) forward(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func newClock() *clock { return &clock{now: time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)} }

func open(t *testing.T, dir string, clock *clock, attrs map[string]cty.Value) plugin.Data {
	t.Helper()
	p := New()
	ref := plugin.TypeRef{Kind: plugin.KindSource, Name: "git"}
	cfg := configValue(t, attrs)
	if diags := p.Validate(t.Context(), ref, cfg); diags.HasErrors() {
		t.Fatal(diags.Err())
	}
	instance, diags := p.Open(t.Context(), plugin.OpenRequest{Type: ref, Addr: "source.git.test", Config: cfg,
		Env: plugin.Env{Log: hclog.NewNullLogger(), Dir: dir, Now: clock.Now}})
	if diags.HasErrors() {
		t.Fatal(diags.Err())
	}
	t.Cleanup(func() { instance.Close(context.Background()) })
	return instance.(plugin.Data)
}

func configValue(t *testing.T, attrs map[string]cty.Value) cty.Value {
	t.Helper()
	block := sourceSchema()
	values := map[string]cty.Value{}
	for _, nested := range block.Blocks {
		values[nested.Name] = cty.NullVal(block.ImpliedType().AttributeType(nested.Name))
	}
	for _, a := range block.Attributes {
		values[a.Name] = cty.NullVal(a.Type)
		if a.Default != cty.NilVal {
			values[a.Name] = a.Default
		}
	}
	for name, value := range attrs {
		if _, ok := values[name]; !ok {
			t.Fatalf("the schema has no %q", name)
		}
		values[name] = value
	}
	return cty.ObjectVal(values)
}

func read(t *testing.T, source plugin.Data) (map[string]string, plugin.Diagnostics) {
	t.Helper()
	value, diags := source.Read(t.Context())
	if diags.HasErrors() {
		t.Fatal(diags.Err())
	}
	if !value.Type().Equals(sourceSchema().ImpliedType()) {
		t.Errorf("the value has the type %#v", value.Type())
	}
	found := map[string]string{}
	for _, name := range []string{"path", "commit", "ref", "author", "message", "time"} {
		found[name] = value.GetAttr(name).AsString()
	}
	return found, diags
}

func TestSchemaFitsTheConfiguration(t *testing.T) {
	t.Parallel()
	if err := schema.Check(sourceSchema(), config{}); err != nil {
		t.Error(err)
	}
}

func TestReadsACommit(t *testing.T) {
	t.Parallel()
	remote := gitserver.New(t)
	hash := remote.Commit(t, "main", map[string]string{"main.tf": "one"})
	dir := t.TempDir()
	source := open(t, dir, newClock(), map[string]cty.Value{"url": cty.StringVal(remote.FileURL()), "branch": cty.StringVal("main")})
	got, diags := read(t, source)
	want := map[string]string{
		"path": filepath.Join(dir, "tree"), "commit": hash, "ref": "refs/heads/main", "author": "Ada <ada@example.com>",
		"message": "change main\n", "time": "2026-01-02T03:04:05Z",
	}
	if diff := cmp.Diff(want, got); diff != "" || len(diags) > 0 {
		t.Errorf("diagnostics %v, value (-want +got):\n%s", diags, diff)
	}
	if data, err := os.ReadFile(filepath.Join(got["path"], "main.tf")); err != nil || string(data) != "one" {
		t.Errorf("main.tf holds %q, error %v", data, err)
	}
}

// 18: two tasks have the same source.
func TestOneFetchServesAllUntilTheNextPoll(t *testing.T) {
	t.Parallel()
	remote := gitserver.New(t)
	first := remote.Commit(t, "main", map[string]string{"a": "1"})
	clock := newClock()
	source := open(t, t.TempDir(), clock, map[string]cty.Value{"url": cty.StringVal(remote.FileURL()), "poll_interval": cty.StringVal("5m")})
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if value, diags := source.Read(t.Context()); diags.HasErrors() || value.GetAttr("commit").AsString() != first {
				t.Errorf("diagnostics %v", diags)
			}
		})
	}
	group.Wait()
	second := remote.Commit(t, "main", map[string]string{"a": "2"})
	clock.forward(4 * time.Minute)
	if got, _ := read(t, source); got["commit"] != first {
		t.Error("the remote was asked again before the interval was over")
	}
	clock.forward(time.Minute)
	if got, _ := read(t, source); got["commit"] != second {
		t.Error("the remote was not asked again after the interval")
	}
}

// 2: the remote is down later.
func TestTheLastGoodCommitStaysWhenTheRemoteIsDown(t *testing.T) {
	t.Parallel()
	remote := gitserver.New(t)
	hash := remote.Commit(t, "main", map[string]string{"a": "1"})
	server := remote.ServeHTTP(t, gitserver.HTTPOptions{})
	clock, dir := newClock(), t.TempDir()
	attrs := map[string]cty.Value{"url": cty.StringVal(server.URL)}
	source := open(t, dir, clock, attrs)
	read(t, source)
	server.Close()
	stale := func(source plugin.Data) {
		t.Helper()
		clock.forward(time.Hour)
		got, diags := read(t, source)
		if got["commit"] != hash {
			t.Errorf("commit %s", got["commit"])
		}
		if len(diags) != 1 || diags[0].Severity != plugin.SeverityWarning || !strings.Contains(diags[0].Detail, "as it was found at 2026-05-01T12:00:00Z") {
			t.Errorf("diagnostics %v", diags)
		}
	}
	stale(source)
	if err := source.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	stale(open(t, dir, clock, attrs)) // also after a restart
}

// 1: the remote is down from the start.
func TestARemoteThatNeverWorkedIsAnError(t *testing.T) {
	t.Parallel()
	source := open(t, t.TempDir(), newClock(), map[string]cty.Value{
		"url": cty.StringVal("http://" + gitserver.Silent(t) + "/a.git"), "timeout": cty.StringVal("200ms"),
	})
	_, diags := source.Read(t.Context())
	if !diags.HasErrors() || !strings.Contains(diags[0].Detail, "did not answer within 200ms") {
		t.Errorf("diagnostics %v", diags)
	}
}

func TestTheCheckoutStaysWhileSomeoneReadsIt(t *testing.T) {
	t.Parallel()
	remote := gitserver.New(t)
	first := remote.Commit(t, "main", map[string]string{"a": "1"})
	clock := newClock()
	source := open(t, t.TempDir(), clock, map[string]cty.Value{"url": cty.StringVal(remote.FileURL())})
	got, _ := read(t, source)
	release, err := gitrepo.Hold(t.Context(), got["path"])
	if err != nil {
		t.Fatal(err)
	}
	second := remote.Commit(t, "main", map[string]string{"a": "2"})
	for range 2 {
		clock.forward(time.Hour)
		if got, _ := read(t, source); got["commit"] != first {
			t.Errorf("moved to %s while it was held", got["commit"])
		}
	}
	release()
	clock.forward(time.Hour)
	if got, _ := read(t, source); got["commit"] != second {
		t.Error("did not move when it was free again")
	}
}

// Each read of an agent is that of a new instance, and so is that of a command
// beside it.
func TestAnInstanceThatFindsTheCheckoutInUseShowsWhatIsThere(t *testing.T) {
	t.Parallel()
	remote := gitserver.New(t)
	first := remote.Commit(t, "main", map[string]string{"a": "1"})
	dir, attrs := t.TempDir(), map[string]cty.Value{"url": cty.StringVal(remote.FileURL()), "branch": cty.StringVal("main")}
	another := func() (cty.Value, bool, plugin.Diagnostics) {
		s := open(t, dir, newClock(), attrs)
		v, diags := s.Read(t.Context())
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		return v, s.(plugin.Lagger).Lags(), diags
	}
	before, lags, _ := another()
	if lags {
		t.Error("it lags behind, and nobody uses it")
	}
	release, err := gitrepo.Hold(t.Context(), before.GetAttr("path").AsString())
	if err != nil {
		t.Fatal(err)
	}
	second := remote.Commit(t, "main", map[string]string{"a": "2"})
	now, lags, diags := another()
	if !lags || !now.RawEquals(before) {
		t.Errorf("while the commit %s is in use it is %#v", first, now)
	}
	if len(diags) != 1 || diags[0].Summary != "Checkout in use" || !strings.Contains(diags[0].Detail, short(second)+" is newer") {
		t.Errorf("diagnostics %v", diags)
	}
	release()
	if now, lags, _ := another(); lags || now.GetAttr("commit").AsString() != second {
		t.Errorf("when it is free again it is %#v", now)
	}
}

func TestSSHKeyAndKnownHosts(t *testing.T) {
	t.Parallel()
	remote := gitserver.New(t)
	hash := remote.Commit(t, "main", map[string]string{"a": "1"})
	server := remote.ServeSSH(t)
	auth := block(t, "auth", map[string]cty.Value{"ssh_key": cty.StringVal(server.Key), "known_hosts": cty.StringVal(server.KnownHosts)})
	source := open(t, t.TempDir(), newClock(), map[string]cty.Value{"url": cty.StringVal(server.URL), "auth": auth})
	if got, _ := read(t, source); got["commit"] != hash {
		t.Errorf("commit %s", got["commit"])
	}
}

func hook(secret cty.Value) cty.Value {
	return cty.ObjectVal(map[string]cty.Value{"provider": cty.StringVal("github"), "secret": secret})
}

func TestWhatIsNotThereIsAWarning(t *testing.T) {
	t.Parallel()
	remote := gitserver.New(t)
	remote.Commit(t, "main", map[string]string{".gitattributes": "*.bin filter=lfs\n", "a.bin": "version https://git-lfs.github.com/spec/v1\n"})
	hash := remote.Link(t, "main", map[string]string{"sub": "https://127.0.0.1:1/x.git " + strings.Repeat("a", 40)})
	for _, driver := range []string{driverLibrary, driverCommand} {
		source := open(t, t.TempDir(), newClock(), map[string]cty.Value{"url": cty.StringVal(remote.FileURL()), "driver": cty.StringVal(driver)})
		got, diags := read(t, source)
		if got["commit"] != hash || got["ref"] != "HEAD" {
			t.Errorf("%s: it is at %s of %s", driver, got["commit"], got["ref"])
		}
		if len(diags) != 2 || diags[0].Summary != "Submodules left out" || diags[1].Summary != "Files in a large file store" {
			t.Errorf("%s: diagnostics %v", driver, diags)
		}
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	url := cty.StringVal("https://example.com/a.git")
	for name, test := range map[string]struct {
		attrs map[string]cty.Value
		want  string
	}{
		"a branch":                        {map[string]cty.Value{"url": url, "branch": cty.StringVal("main")}, ""},
		"a commit":                        {map[string]cty.Value{"url": url, "commit": cty.StringVal(strings.Repeat("a", 40))}, ""},
		"a branch and a tag":              {map[string]cty.Value{"url": url, "branch": cty.StringVal("main"), "tag": cty.StringVal("v1")}, "Conflicting references"},
		"a short commit":                  {map[string]cty.Value{"url": url, "commit": cty.StringVal("abc")}, "Invalid commit"},
		"a constraint on versions":        {map[string]cty.Value{"url": url, "tag": cty.StringVal("~> 1.2")}, ""},
		"a constraint that means nothing": {map[string]cty.Value{"url": url, "tag": cty.StringVal("~> one")}, "Invalid tag"},
		"a webhook":                       {map[string]cty.Value{"url": url, "webhook": hook(cty.StringVal("it's a secret to everybody"))}, ""},
		"a secret that is soon found":     {map[string]cty.Value{"url": url, "webhook": hook(cty.StringVal("hunter2"))}, "Weak secret"},
		"a secret that isn't known":       {map[string]cty.Value{"url": url, "webhook": hook(cty.UnknownVal(cty.String))}, ""},
		"keys that are none":              {map[string]cty.Value{"url": url, "verify_signature": block(t, "verify_signature", map[string]cty.Value{"keyring": cty.StringVal("?")})}, "Invalid keys"},
		"keys that aren't known":          {map[string]cty.Value{"url": url, "verify_signature": block(t, "verify_signature", map[string]cty.Value{"keyring": cty.UnknownVal(cty.String)})}, ""},
		"an app with a key that is none":  {map[string]cty.Value{"url": url, "auth": appOf(t, &gitserver.App{ID: "1", Installation: "2", Key: "?"})}, "Invalid GitHub App"},
		"a branch that isn't known":       {map[string]cty.Value{"url": url, "branch": cty.UnknownVal(cty.String)}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			diags := New().Validate(t.Context(), plugin.TypeRef{Kind: plugin.KindSource, Name: "git"}, configValue(t, test.attrs))
			if test.want == "" && len(diags) > 0 || test.want != "" && (len(diags) != 1 || diags[0].Summary != test.want) {
				t.Errorf("diagnostics %v, want %q", diags, test.want)
			}
		})
	}
}
