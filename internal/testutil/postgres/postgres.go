// Package postgres gives tests a real PostgreSQL server, which listens at a
// socket in a private directory and ends with its test.
//
//	server := postgres.Start(t)
//	server.Exec(t, "create role reader connection limit 3")
package postgres

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// patience is how long the server may take to answer, and to end.
const patience = 30 * time.Second

// Server is a running server with no other client than the test.
type Server struct {
	// Connection says how to connect to the server as its owner, in the words
	// of libpq.
	Connection string

	programs string // the directory of its programs
}

// Start runs a server. It skips the test where PostgreSQL is not installed;
// there CI fails.
func Start(t testing.TB) *Server {
	t.Helper()
	programs := find(t)
	dir, owner := makeDir(t)
	run(t, owner, filepath.Join(programs, "initdb"), "--pgdata="+filepath.Join(dir, "data"),
		"--username=owner", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C")
	var output bytes.Buffer
	cmd := exec.Command(filepath.Join(programs, "postgres"), "-D", filepath.Join(dir, "data"), "-k", dir, "-h", "", "-F")
	cmd.Dir, cmd.Env, cmd.SysProcAttr = dir, []string{}, owner
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		// How it ended doesn't matter: it was told to, or never answers.
		_ = cmd.Wait()
	}()
	t.Cleanup(func() { stop(t, cmd, ended) })
	s := &Server{Connection: fmt.Sprintf("host=%s user=owner dbname=postgres", dir), programs: programs}
	s.await(t, ended, &output)
	return s
}

// Exec runs statements of SQL.
func (s *Server) Exec(t testing.TB, statements string) {
	t.Helper()
	if out, err := s.psql(statements).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", statements, err, out)
	}
}

func (s *Server) psql(statements string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(s.programs, "psql"), "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--command="+statements, s.Connection)
	cmd.Env = []string{}
	return cmd
}

// await waits until the server answers, of which nothing tells.
func (s *Server) await(t testing.TB, ended <-chan struct{}, output *bytes.Buffer) {
	t.Helper()
	retry := time.NewTicker(20 * time.Millisecond)
	defer retry.Stop()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		if s.psql("select 1").Run() == nil {
			return
		}
		select {
		case <-ended:
			t.Fatalf("PostgreSQL ended before it answered:\n%s", output)
		case <-retry.C:
		}
	}
	t.Fatal("PostgreSQL doesn't answer")
}

func stop(t testing.TB, cmd *exec.Cmd, ended <-chan struct{}) {
	t.Helper()
	if cmd.Process.Signal(syscall.SIGINT) != nil {
		return // it has ended already
	}
	select {
	case <-ended:
	case <-time.After(patience):
		t.Error("PostgreSQL doesn't end")
		if err := cmd.Process.Kill(); err != nil {
			t.Error(err)
		}
		<-ended
	}
}

// find returns the directory of the programs, of which distributions put only
// some on PATH.
func find(t testing.TB) string {
	t.Helper()
	dirs, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(dirs) // the latest first
	if path, err := exec.LookPath("initdb"); err == nil {
		dirs = append(dirs, filepath.Dir(path))
	}
	for _, dir := range dirs {
		if _, err := os.Stat(filepath.Join(dir, "psql")); err == nil {
			return dir
		}
	}
	const reason = "PostgreSQL is not installed"
	if os.Getenv("CI") != "" {
		t.Fatal(reason)
	}
	t.Skip(reason)
	return ""
}

// makeDir returns a directory that the server owns, and what makes a process
// its owner's: it refuses to be root's. The name of the socket must be short.
func makeDir(t testing.TB) (dir string, owner *syscall.SysProcAttr) {
	t.Helper()
	dir, err := os.MkdirTemp("", "postgres-") //nolint:usetesting // nobody else may enter that of a test
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	if os.Getuid() != 0 {
		return dir, nil
	}
	nobody, err := user.Lookup("nobody")
	if err != nil {
		t.Fatal(err)
	}
	uid, errU := strconv.ParseUint(nobody.Uid, 10, 32)
	gid, errG := strconv.ParseUint(nobody.Gid, 10, 32)
	if errU != nil || errG != nil {
		t.Fatalf("the user nobody has the numbers %s and %s", nobody.Uid, nobody.Gid)
	}
	if err := os.Chown(dir, int(uid), int(gid)); err != nil {
		t.Fatal(err)
	}
	return dir, &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
}

func run(t testing.TB, owner *syscall.SysProcAttr, name string, args ...string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env, cmd.SysProcAttr = "/", []string{}, owner
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", filepath.Base(name), err, out)
	}
}
