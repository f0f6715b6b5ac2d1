package secret_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/driftless-hq/driftless/internal/secret"
	"github.com/driftless-hq/driftless/internal/secret/redact"
)

// envResolver returns a resolver of an env file and an environment.
func envResolver(t *testing.T, file *secret.EnvFile, environment map[string]string) *secret.Resolver {
	t.Helper()
	r := secret.New(secret.Options{
		Log: hclog.NewNullLogger(), Redactor: redact.New(), EnvFile: file,
		LookupEnv: func(name string) (string, bool) {
			value, ok := environment[name]
			return value, ok
		},
	})
	t.Cleanup(func() {
		if err := r.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
	return r
}

func write(t *testing.T, path, text string, mode os.FileMode) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestWhereASecretComesFrom(t *testing.T) {
	for name, tt := range map[string]struct {
		file        string
		environment map[string]string
		want        string
		err         string
	}{
		"the env file goes before the environment":        {"TOKEN=file", map[string]string{"TOKEN": "env", "DRIFTLESS_SECRET_TOKEN": "own"}, "file", ""},
		"the variable of driftless goes before the other": {"", map[string]string{"TOKEN": "env", "DRIFTLESS_SECRET_TOKEN": "own"}, "own", ""},
		"the variable of the name is the last":            {"OTHER=file", map[string]string{"TOKEN": "env"}, "env", ""},
		"an empty value in the file is an error":          {"TOKEN=", map[string]string{"TOKEN": "env"}, "", "the secret TOKEN is empty in the env file"},
		"an empty variable is an error":                   {"", map[string]string{"DRIFTLESS_SECRET_TOKEN": ""}, "", "is empty in the environment, as DRIFTLESS_SECRET_TOKEN"},
		"a secret that isn't there":                       {"TOKENS=file", nil, "", `Did you mean "TOKENS"?`},
		"a file that can't be parsed":                     {"TOKEN", nil, "", "line 1: there is no"},
	} {
		t.Run(name, func(t *testing.T) {
			path := write(t, filepath.Join(t.TempDir(), "env"), tt.file, 0o600)
			got, err := envResolver(t, &secret.EnvFile{Path: path}, tt.environment).Secret(t.Context(), "TOKEN")
			if got != tt.want || (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
				t.Errorf("got %q, %v; want %q, %q", got, err, tt.want, tt.err)
			}
		})
	}
}

func TestAMissingSecretSaysWhereItWasLookedForAndHowToSetIt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "env")
	for name, tt := range map[string]struct {
		file *secret.EnvFile
		want string
	}{
		"with an env file": {&secret.EnvFile{Path: path}, "there is no secret TOKEN: it is not in the env file " + path +
			", or in the environment, as DRIFTLESS_SECRET_TOKEN or TOKEN; add a line TOKEN=... to the env file, or set DRIFTLESS_SECRET_TOKEN."},
		"without one": {nil, "there is no secret TOKEN: it is not in the environment, as DRIFTLESS_SECRET_TOKEN or TOKEN; set DRIFTLESS_SECRET_TOKEN."},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := envResolver(t, tt.file, nil).Secret(t.Context(), "TOKEN")
			if err == nil || err.Error() != tt.want {
				t.Errorf("\n got %v\nwant %s", err, tt.want)
			}
		})
	}
}

func TestNamesOfSecrets(t *testing.T) {
	for name, valid := range map[string]bool{
		"DB_PASSWORD": true, "a": true, "_1": true, strings.Repeat("x", 128): true,
		"": false, "1A": false, "DB-PASSWORD": false, "A B": false, "A=B": false, "Ä": false, strings.Repeat("x", 129): false,
	} {
		if err := secret.CheckName(name); (err == nil) != valid {
			t.Errorf("%q: %v", name, err)
		}
		if _, err := envResolver(t, nil, map[string]string{name: "value"}).Secret(t.Context(), name); (err == nil) != valid {
			t.Errorf("the value of %q: %v", name, err)
		}
	}
}

func TestAnEnvFileThatIsNotPrivateIsRefusedWithTheCure(t *testing.T) {
	dir := t.TempDir()
	config := filepath.Join(dir, "config")
	if err := os.Mkdir(config, 0o700); err != nil {
		t.Fatal(err)
	}
	outside := write(t, filepath.Join(dir, "outside"), "TOKEN=value1", 0o600)
	inside := write(t, filepath.Join(config, "env"), "TOKEN=value1", 0o600)
	link := filepath.Join(dir, "link")
	if err := os.Symlink(inside, link); err != nil {
		t.Fatal(err)
	}
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct{ path, want string }{
		"private and outside":           {outside, ""},
		"readable by the group":         {write(t, filepath.Join(dir, "group"), "TOKEN=value1", 0o640), "chmod 600 " + filepath.Join(dir, "group")},
		"writable by everyone":          {write(t, filepath.Join(dir, "all file"), "TOKEN=value1", 0o602), "chmod 600 '" + filepath.Join(dir, "all file") + "'"},
		"in the configuration":          {inside, "mv " + inside + " " + config + ".env"},
		"a link into the configuration": {link, "mv " + inside + " " + config + ".env"},
		"a directory":                   {dir, "is not a regular file"},
		"a pipe that nobody writes to":  {pipe, "is not a regular file"},
		"not there, though required":    {filepath.Join(dir, "missing"), "no such file"},
	} {
		t.Run(name, func(t *testing.T) {
			file := &secret.EnvFile{Path: tt.path, Required: true, ConfigDir: config}
			got, err := envResolver(t, file, map[string]string{"TOKEN": "value2"}).Secret(t.Context(), "TOKEN")
			if tt.want == "" {
				if got != "value1" || err != nil {
					t.Errorf("got %q, %v", got, err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "value") {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestAnEnvFileOfSomebodyElseIsRefused(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give a file to somebody else")
	}
	path := write(t, filepath.Join(t.TempDir(), "env"), "TOKEN=value1", 0o600)
	if err := os.Chown(path, 12345, 12345); err != nil {
		t.Fatal(err)
	}
	_, err := envResolver(t, &secret.EnvFile{Path: path}, nil).Secret(t.Context(), "TOKEN")
	if err == nil || !strings.Contains(err.Error(), "belongs to the user with id 12345") || !strings.Contains(err.Error(), "chown 0 "+path) {
		t.Errorf("got %v", err)
	}
}

func TestAnEnvFileThatIsTooLargeIsRefused(t *testing.T) {
	path := write(t, filepath.Join(t.TempDir(), "env"), "TOKEN="+strings.Repeat("x", 1<<20), 0o600)
	_, err := envResolver(t, &secret.EnvFile{Path: path}, nil).Secret(t.Context(), "TOKEN")
	if err == nil || !strings.Contains(err.Error(), "larger than 1 MiB") {
		t.Errorf("got %.200v", err)
	}
}

func TestAChangeOfTheEnvFileIsTold(t *testing.T) {
	path := filepath.Join(t.TempDir(), "env")
	synctest.Test(t, func(t *testing.T) {
		write(t, path, "TOKEN=before\nSAME=value1\n", 0o600)
		r := envResolver(t, &secret.EnvFile{Path: path}, nil)
		changes := r.Watch(t.Context())
		for _, name := range []string{"TOKEN", "SAME"} {
			if _, err := r.Secret(t.Context(), name); err != nil {
				t.Fatal(err)
			}
		}
		expectQuiet(t, changes, 100*time.Second)

		write(t, path, "TOKEN=afterwards\nSAME=value1\n", 0o600)
		expectRef(t, changes, `secret("TOKEN")`, time.Minute)
		if got, err := r.Secret(t.Context(), "TOKEN"); got != "afterwards" {
			t.Errorf("got %q, %v", got, err)
		}
		expectQuiet(t, changes, 100*time.Second)

		write(t, path, "SAME=value1\n", 0o600)
		expectRef(t, changes, `secret("TOKEN")`, 2*time.Minute)
		expectQuiet(t, changes, 100*time.Second)
		if err := r.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, open := <-changes; open {
			t.Error("the channel is open after Close")
		}
	})
}

func TestAChangeThatAnotherCallFindsFirstIsToldToo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "env")
	write(t, path, "TOKEN=before\n", 0o600)
	r := envResolver(t, &secret.EnvFile{Path: path}, nil)
	changes := r.Watch(t.Context())
	for _, text := range []string{"TOKEN=before\n", "TOKEN=afterwards\n"} {
		write(t, path, text, 0o600)
		if _, err := r.Secret(t.Context(), "TOKEN"); err != nil {
			t.Fatal(err)
		}
	}
	if ref := <-changes; ref.String() != `secret("TOKEN")` {
		t.Errorf("got %s", ref)
	}
}

// expectRef waits for one change, by the clock of the bubble.
func expectRef(t *testing.T, changes <-chan secret.Ref, want string, within time.Duration) {
	t.Helper()
	select {
	case ref := <-changes:
		if ref.String() != want {
			t.Errorf("%s has changed, want %s", ref, want)
		}
	case <-time.After(within):
		t.Fatalf("no change of %s within %s", want, within)
	}
}

func expectQuiet(t *testing.T, changes <-chan secret.Ref, during time.Duration) {
	t.Helper()
	select {
	case ref := <-changes:
		t.Fatalf("%s has changed, and should not", ref)
	case <-time.After(during):
	}
}
