package pluginhost

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/driftless-hq/driftless/config"
)

const (
	hashOne = "sha256:1111111111111111111111111111111111111111111111111111111111111111"
	hashTwo = "sha256:2222222222222222222222222222222222222222222222222222222222222222"
)

func TestALockFileIsReadAsItWasWritten(t *testing.T) {
	dir := t.TempDir()
	l, err := ReadLock(dir)
	if err != nil || len(l.Entries) != 0 {
		t.Fatalf("without a file: %v, %v", l, err)
	}
	acme := &config.Requirement{Name: "acme", Source: "acme"}
	if !l.Add(acme, Binary{Version: "1.0.0", Hash: hashOne}) || l.Add(acme, Binary{Version: "1.0.0", Hash: hashOne}) {
		t.Error("only the first of the same is news")
	}
	l.Entries["acme"].Hashes["plan9_mips"] = hashTwo
	l.Add(&config.Requirement{Name: "other", Source: "tool"}, Binary{Hash: hashTwo})
	if err := l.Write(t.Context()); err != nil {
		t.Fatal(err)
	}
	again, err := ReadLock(dir)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(l, again); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	l.Add(acme, Binary{Version: "1.0.0", Hash: hashTwo})
	if l.Entries["acme"].Hashes["plan9_mips"] == "" {
		t.Error("the hash for another platform is gone, though the version is the same")
	}
	l.Add(acme, Binary{Version: "1.1.0", Hash: hashTwo})
	if diff := cmp.Diff(map[string]string{Platform(): hashTwo}, l.Entries["acme"].Hashes); diff != "" {
		t.Errorf("of another version only this platform is known (-want +got)\n%s", diff)
	}
}

func TestOnlyWhatIsLockedIsChosen(t *testing.T) {
	installed := []Found{{Path: "/b", Version: "1.1.0"}, {Path: "/a", Version: "1.0.0"}}
	lock := func(source, version, platform string) Locked {
		return Locked{Source: source, Version: version, Hashes: map[string]string{platform: hashOne}}
	}
	tests := []struct {
		name   string
		locked map[string]Locked
		path   string
		err    string
	}{
		{"the one that is locked, though another is higher", map[string]Locked{"acme": lock("acme", "1.0.0", Platform())}, "/a", ""},
		{"none without an entry", nil, "", "has no entry for the provider acme"},
		{"none without a hash for this platform", map[string]Locked{"acme": lock("acme", "1.0.0", "plan9_mips")}, "", "has no hash of the provider acme for " + Platform()},
		{"none of another source", map[string]Locked{"acme": lock("other", "1.0.0", Platform())}, "", `has the source "other"`},
		{"none where that version is not installed", map[string]Locked{"acme": lock("acme", "0.9.0", Platform())}, "", "the highest that is installed and fits is 1.1.0"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			l := &Lock{Path: "driftless.lock.hcl", Entries: test.locked}
			b, err := l.Choose(&config.Requirement{Name: "acme", Source: "acme"}, installed)
			if test.err != "" {
				wantError(t, err, test.err, "driftless providers lock")
				if !errors.Is(err, ErrNotLocked) {
					t.Errorf("%v is not that it is not locked", err)
				}
				return
			}
			if err != nil || b.Path != test.path || b.Hash != hashOne {
				t.Errorf("chose %+v: %v", b, err)
			}
		})
	}
}

func TestABrokenLockFileIsRefused(t *testing.T) {
	const sound = "provider \"a\" {\n  source = \"a\"\n  hashes = { \"linux_amd64\" = \"" + hashOne + "\" }\n}\n"
	tests := []struct{ name, text, want string }{
		{"no HCL", "provider {", "driftless.lock.hcl:1"},
		{"brackets without end", "a = " + strings.Repeat("[", 100_000), "driftless.lock.hcl:1"},
		{"an argument that there isn't", strings.Replace(sound, "source", "sauce", 1), "source"},
		{"a hash that is none", strings.Replace(sound, "sha256:11", "md5:", 1), "64 hexadecimal digits"},
		{"a version that is none", strings.Replace(sound, "source", "version = \"one\"\n  source", 1), "the version of the provider"},
		{"a provider twice", sound + sound, "is in it twice"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, filepath.Join(dir, config.LockFile), test.text, 0o644)
			_, err := ReadLock(dir)
			wantError(t, err, test.want, "read the lock file", "driftless providers lock")
		})
	}
	t.Run("one that everyone may write to", func(t *testing.T) {
		dir := t.TempDir()
		write(t, filepath.Join(dir, config.LockFile), sound, 0o666)
		_, err := ReadLock(dir)
		wantError(t, err, "not to be trusted", "chmod o-w")
	})
}

func FuzzLock(f *testing.F) {
	f.Add([]byte("provider \"a\" {\n  source = \"a\"\n  version = \"1.0.0\"\n  hashes = { \"linux_amd64\" = \"" + hashOne + "\" }\n}\n"))
	f.Add([]byte("provider {}"))
	f.Fuzz(func(t *testing.T, text []byte) {
		l := &Lock{Path: config.LockFile, Entries: make(map[string]Locked)}
		if l.parse(text) != nil {
			return
		}
		for name, one := range l.Entries {
			for platform, hash := range one.Hashes {
				if !hashPattern.MatchString(hash) {
					t.Errorf("%s for %s has the hash %q", name, platform, hash)
				}
			}
		}
	})
}
