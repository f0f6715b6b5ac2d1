package gitrepo

import (
	"path"
	"strings"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/object"
	"github.com/go-git/go-git/v5/storage/memory"
)

// 14: names of files lead out of the root. TestHostileNamesAreRefused makes trees that git itself would not make.
func TestHostileNamesAreRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		entries []string
		refused bool
	}{
		"honest names":         {[]string{"a", "..a", ".gitignore", "a b", `a\b`}, false},
		"the parent":           {[]string{".."}, true},
		"the directory itself": {[]string{"."}, true},
		"git's own directory":  {[]string{".git"}, true},
		"the same in capitals": {[]string{".GIT"}, true},
		"a path as a name":     {[]string{"a/../../b"}, true},
		"an empty name":        {[]string{""}, true},
		"one name twice":       {[]string{"a", "a"}, true},
		"a name with a zero":   {[]string{"a\x00b"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var tree object.Tree
			for _, name := range test.entries {
				tree.Entries = append(tree.Entries, object.TreeEntry{Name: name, Mode: filemode.Regular, Hash: plumbing.NewHash("01")})
			}
			if _, err := listTree(nil, &tree, 100); (err != nil) != test.refused {
				t.Errorf("error %v", err)
			}
		})
	}
}

// 14: paths that are one where case makes no difference.
func TestPathsThatDifferOnlyByCase(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		links map[string]string
		files []string
		err   string
	}{
		"other names":                        {nil, []string{"main.tf", "a/main.tf", "b/main.tf", "a/b/c"}, ""},
		"two files":                          {nil, []string{"Main.tf", "main.tf"}, "it holds Main.tf and main.tf, which differ only by case"},
		"two files in two directories":       {nil, []string{"A/x", "a/x"}, "it holds A/x and a/x,"},
		"two directories with other files":   {nil, []string{"A/x", "a/y"}, "it holds A and a,"},
		"a file and a directory":             {nil, []string{"lib", "Lib/x"}, "it holds Lib and lib,"},
		"a link and a file":                  {map[string]string{"Link": "x"}, []string{"Link", "link", "x"}, "it holds Link and link,"},
		"letters beyond ASCII":               {nil, []string{"ÄRGER", "ärger"}, "it holds ÄRGER and ärger,"},
		"a link by another's name":           {map[string]string{"x": "d", "d/l": "../X"}, []string{"x", "d/l", "d/f"}, ""},
		"a link that so leads out of a root": {map[string]string{"x": ".", "l": "X/../secret"}, []string{"x", "l"}, "points out of the repository"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := listing{files: map[string]treeFile{}, links: test.links}
			for _, file := range test.files {
				l.files[file] = treeFile{}
			}
			if err := l.checkLinks(); err != nil {
				t.Errorf("where case makes a difference: error %v", err)
			}
			err := l.checkCase("/data")
			if (err != nil) != (test.err != "") || err != nil && !strings.Contains(err.Error(), test.err) {
				t.Errorf("error %v, want %q", err, test.err)
			}
		})
	}
}

func TestATreeWithinItselfIsRefused(t *testing.T) {
	t.Parallel()
	store := memory.NewStorage()
	inner := put(t, store, &object.Tree{})
	for range maxDepth + 1 {
		inner = put(t, store, &object.Tree{Entries: []object.TreeEntry{{Name: "d", Mode: filemode.Dir, Hash: inner}}})
	}
	tree, err := object.GetTree(store, inner)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := listTree(nil, tree, 100); err == nil || !strings.Contains(err.Error(), "nested") {
		t.Errorf("error %v", err)
	}
}

func put(t *testing.T, store *memory.Storage, tree *object.Tree) plumbing.Hash {
	t.Helper()
	encoded := store.NewEncodedObject()
	if err := tree.Encode(encoded); err != nil {
		t.Fatal(err)
	}
	hash, err := store.SetEncodedObject(encoded)
	if err != nil {
		t.Fatal(err)
	}
	return hash
}

// FuzzFollowLink checks the walk against the simplest rule: links whose target
// has no ".." and no "/" at its start never leave the root.
func FuzzFollowLink(f *testing.F) {
	f.Add("a/l", "../b", "b/m", "c")
	f.Add("a/b/up", "../../x", "a/b/l", "up/../../secret")
	f.Add("l", "l", "m", "/")
	f.Fuzz(func(t *testing.T, link1, target1, link2, target2 string) {
		links := map[string]string{path.Clean(link1): target1, path.Clean(link2): target2}
		for link := range links {
			if strings.HasPrefix(path.Clean(link1), path.Clean(link2)+"/") || strings.HasPrefix(path.Clean(link2), path.Clean(link1)+"/") {
				return // no tree holds a file and something below it
			}
			for name := range strings.SplitSeq(link, "/") {
				if checkName(name) != nil {
					return // nor such a name
				}
			}
		}
		harmless := !strings.Contains(target1+" "+target2, "..") && !path.IsAbs(target1) && !path.IsAbs(target2)
		for link := range links {
			err := followLink(links, link)
			if err != nil && harmless && strings.Contains(err.Error(), "out of the repository") {
				t.Errorf("%q of %q: %v", link, links, err)
			}
			if err == nil && path.IsAbs(links[link]) {
				t.Errorf("%q of %q is accepted", link, links)
			}
		}
	})
}
