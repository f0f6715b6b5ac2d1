package pluginhost

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-version"
)

func hostOver(dirs ...Dir) *Host {
	return New(Options{Dirs: dirs, Log: hclog.NewNullLogger(), Redact: func(text string) string { return text }})
}

// installedIn makes executables that are empty but for their names.
func installedIn(t *testing.T, names ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range names {
		write(t, filepath.Join(dir, name), "#!/bin/sh\n", 0o755)
	}
	return dir
}

func TestTheHighestVersionThatFitsIsFound(t *testing.T) {
	one := installedIn(t, "driftless-plugin-acme_v1.2.0", "driftless-plugin-acme_v1.10.0", "driftless-plugin-acme_v2.0.0", "driftless-plugin-acme",
		"driftless-plugin-other_v9.0.0", "README", "driftless-plugin-acme_vnext")
	two := installedIn(t, "driftless-plugin-acme_v1.10.0", "driftless-plugin-acme_v1.11.0-beta1")
	tests := []struct {
		name, source, constraint string
		want                     []string
		err                      string
	}{
		{"without a constraint the highest of all comes first", "acme", "", []string{"2.0.0", "1.11.0-beta1", "1.10.0", "1.10.0", "1.2.0", ""}, ""},
		{"versions are numbers and no texts", "acme", "~> 1.2", []string{"1.10.0", "1.10.0", "1.2.0", ""}, ""},
		{"none that fits names those that don't", "other", "~> 1.0", nil, "version ~> 1.0 is required, and installed is only 9.0.0"},
		{"none at all says where it was looked for", "none", "", nil, "driftless-plugin-none_vVERSION in " + one},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var constraints version.Constraints
			if test.constraint != "" {
				var err error
				if constraints, err = version.NewConstraint(test.constraint); err != nil {
					t.Fatal(err)
				}
			}
			found, err := hostOver(Dir{Path: one}, Dir{Path: two}).Find(test.source, constraints)
			if test.err != "" {
				wantError(t, err, test.err)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range found {
				got = append(got, f.Version)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
	found, err := hostOver(Dir{Path: two}, Dir{Path: one}).Find("acme", version.MustConstraints(version.NewConstraint("1.10.0")))
	if err != nil || filepath.Dir(found[0].Path) != two {
		t.Errorf("of one version the directory that is named first counts: %v, %v", found, err)
	}
}

func TestADirectoryThatIsNamedHasToBeThere(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing")
	_, err := hostOver(Dir{Path: missing}).Find("acme", nil)
	if !errors.Is(err, errNotFound) {
		t.Errorf("a usual directory: %v", err)
	}
	_, err = hostOver(Dir{Path: missing, Named: true}).Find("acme", nil)
	wantError(t, err, "no such file or directory")
}

func TestWhatOthersCouldHaveWrittenIsNotRun(t *testing.T) {
	chmod := func(t *testing.T, path string, mode os.FileMode) {
		t.Helper()
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	tests := []struct {
		name string
		harm func(t *testing.T, dir, file string)
		want string
	}{
		{"a directory that everyone may write to", func(t *testing.T, dir, _ string) { chmod(t, dir, 0o777) }, "everyone may write to"},
		{"a file that everyone may write to", func(t *testing.T, _, file string) { chmod(t, file, 0o757) }, "chmod o-w"},
		{"a file that its group may write to", func(t *testing.T, _, file string) {
			chown(t, file, 0, 4711)
			chmod(t, file, 0o775)
		}, "chmod g-w"},
		{"a file of someone else", func(t *testing.T, _, file string) { chown(t, file, 4711, 0) }, "belongs to the user with the number 4711"},
		{"a directory of someone else", func(t *testing.T, dir, _ string) { chown(t, dir, 4711, 0) }, "belongs to the user with the number 4711"},
		{"a file that can't be run", func(t *testing.T, _, file string) { chmod(t, file, 0o644) }, "chmod +x"},
		{"a directory", func(t *testing.T, _, file string) {
			if err := errors.Join(os.Remove(file), os.Mkdir(file, 0o755)); err != nil {
				t.Fatal(err)
			}
		}, "no executable"},
		{"a link to a place that everyone may write to", func(t *testing.T, _, file string) {
			open := t.TempDir()
			chmod(t, open, 0o777)
			target := filepath.Join(open, "tool")
			if err := errors.Join(os.Rename(file, target), os.Symlink(target, file)); err != nil {
				t.Fatal(err)
			}
		}, "everyone may write to"},
		{"a link to nowhere", func(t *testing.T, _, file string) {
			if err := errors.Join(os.Remove(file), os.Symlink("/nowhere", file)); err != nil {
				t.Fatal(err)
			}
		}, "follow the symbolic link"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := installedIn(t, "driftless-plugin-acme_v1.0.0")
			test.harm(t, dir, filepath.Join(dir, "driftless-plugin-acme_v1.0.0"))
			found, err := hostOver(Dir{Path: dir}).Find("acme", nil)
			if err == nil {
				_, err = found[0].Binary()
			}
			wantError(t, err, test.want)
		})
	}
}

func chown(t *testing.T, path string, uid, gid int) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can give a file away")
	}
	if err := os.Chown(path, uid, gid); err != nil {
		t.Fatal(err)
	}
}

func TestAFileThatWasReplacedIsNotRun(t *testing.T) {
	h, _ := newHost(t)
	s := specOf(t, h, "")
	s.Binary.Hash = "sha256:" + "00"
	_, err := h.Launch(t.Context(), s)
	wantError(t, err, "the file is not the one that was checked", "driftless providers lock")
}

// What is opened is what is run: its name may lead elsewhere by then.
func TestWhatWasCheckedIsWhatIsRun(t *testing.T) {
	h, _ := newHost(t)
	s := specOf(t, h, "")
	program, err := s.Binary.open()
	if err != nil {
		t.Fatal(err)
	}
	defer program.file.Close()
	if err := program.unchanged(); err != nil {
		t.Error(err)
	}
	path := filepath.Join(t.TempDir(), "program")
	write(t, path, "one", 0o755)
	b, err := Found{Path: path}.Binary()
	if err != nil {
		t.Fatal(err)
	}
	if program, err = b.open(); err != nil {
		t.Fatal(err)
	}
	defer program.file.Close()
	write(t, path, "another", 0o755)
	wantError(t, program.unchanged(), "was written to while it was started")
}

func TestInstallPutsAProviderWhereItIsFound(t *testing.T) {
	from := installedIn(t, "driftless-plugin-acme_v1.0.0")
	to := filepath.Join(t.TempDir(), "new", "plugins")
	b, err := Install(t.Context(), filepath.Join(from, "driftless-plugin-acme_v1.0.0"), to)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(b.Path)
	if err != nil || info.Mode().Perm() != 0o755 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	found, err := hostOver(Dir{Path: to}).Find("acme", nil)
	if err != nil || found[0].Path != b.Path || b.Version != "1.0.0" {
		t.Errorf("found %v, installed %v: %v", found, b, err)
	}
	paths, err := InDir(to)
	if diff := cmp.Diff([]string{b.Path}, paths); diff != "" || err != nil {
		t.Errorf("in the directory: %v, %s", err, diff)
	}
	copied, err := Copy(t.Context(), b, "acme", filepath.Join(t.TempDir(), Platform()))
	if err != nil {
		t.Fatal(err)
	}
	if paths, err = InDir(filepath.Dir(filepath.Dir(copied.Path))); err != nil || paths[0] != copied.Path {
		t.Errorf("in the mirror: %v, %v", paths, err)
	}
	b.Hash = "sha256:other"
	_, err = Copy(t.Context(), b, "acme", t.TempDir())
	wantError(t, err, "not the one that was checked")
}
