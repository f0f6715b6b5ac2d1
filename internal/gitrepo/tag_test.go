package gitrepo

import (
	"testing"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/transport"
)

func TestCheckTag(t *testing.T) {
	t.Parallel()
	for tag, ok := range map[string]bool{
		"": true, "v1": true, "release/2026": true, "~> 1.2": true, ">= 1, < 3": true, "!= 1.3.0": true,
		"~> x": false, ">=": false, "> 1 < 2": false,
	} {
		if err := CheckTag(tag); (err == nil) != ok {
			t.Errorf("%q: error %v", tag, err)
		}
	}
}

func TestNewestTagOfTwoWithOneVersionIsAlwaysTheSame(t *testing.T) {
	t.Parallel()
	refs := references{"refs/tags/1.2.0": {}, "refs/tags/v1.2.0": {}, "refs/tags/v1.2.0^{}": {}, "refs/heads/v1.9.0": {}, "refs/tags/next": {}}
	for range 20 {
		if name, ok := newestTag(refs, "~> 1.0"); !ok || name != "refs/tags/v1.2.0" {
			t.Fatalf("it is %q", name)
		}
	}
	if name, ok := newestTag(refs, "~> 2.0"); ok {
		t.Errorf("%q is taken for a version that isn't there", name)
	}
}

// FuzzNewestTag checks that what is found is a tag of those that there are, and
// that no input ends the process.
func FuzzNewestTag(f *testing.F) {
	f.Add("~> 1.2", "v1.2.3", "1.3.0-rc1")
	f.Add(">= 0", "", "99999999999999999999.1.1")
	f.Fuzz(func(t *testing.T, constraint, a, b string) {
		if CheckTag(constraint) != nil {
			return
		}
		refs := references{plumbing.NewTagReferenceName(a): {}, plumbing.NewTagReferenceName(b): {}}
		if name, ok := newestTag(refs, constraint); ok {
			if _, is := refs[name]; !is {
				t.Errorf("%q of %q is none of the tags", name, constraint)
			}
		}
	})
}

// FuzzParseReferences feeds what a server could have git write.
func FuzzParseReferences(f *testing.F) {
	f.Add([]byte("3343d0ccfc9f6043e0f7a2e8bd2a8e3c9f40d282\trefs/heads/main\n"))
	f.Add([]byte("warning: what?\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		refs, err := parseReferences(text)
		if err == nil && len(text) > 0 && len(refs) == 0 {
			for _, b := range text {
				if b != '\n' && b != '\r' {
					t.Fatalf("%q is read as nothing", text)
				}
			}
		}
	})
}

// FuzzModuleURL checks that no url of a submodule leads from the network to
// this machine.
func FuzzModuleURL(f *testing.F) {
	f.Add("https://example.com/a/b.git", "../c.git")
	f.Add("git@example.com:a/b.git", "../../../c")
	f.Add("https://example.com/a", "file:///etc")
	f.Fuzz(func(t *testing.T, parent, address string) {
		resolved, err := moduleURL(parent, address)
		if err != nil {
			return
		}
		if protocolOf(parent) != "file" && protocolOf(resolved) == "file" {
			t.Errorf("%q from %q is %q", address, parent, resolved)
		}
	})
}

func protocolOf(url string) string {
	endpoint, err := transport.NewEndpoint(url)
	if err != nil {
		return ""
	}
	return endpoint.Protocol
}
