//go:build linux

package process_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"github.com/driftless-hq/driftless/internal/process"
)

// isAlive reports whether a process runs; a zombie doesn't.
func isAlive(t *testing.T, pid string) bool {
	t.Helper()
	stat, err := os.ReadFile("/proc/" + pid + "/stat")
	if os.IsNotExist(err) {
		return false
	}
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := bytes.Cut(stat, []byte(") "))
	return rest[0] != 'Z' && rest[0] != 'X'
}

func killMarked(t *testing.T, id string) int {
	t.Helper()
	killed, err := process.KillMarked(id)
	if err != nil {
		t.Error(err)
	}
	return killed
}

func TestUmaskIsThatOfTheProgramAlone(t *testing.T) {
	before := umask(t)
	mask := uint32(0o027)
	result := run(t, process.Spec{Args: sh("umask"), Umask: &mask})
	if got := strings.TrimSpace(string(result.Stdout)); got != "0027" {
		t.Errorf("umask of the program is %s", got)
	}
	result = run(t, process.Spec{Args: sh("umask")})
	if got := strings.TrimSpace(string(result.Stdout)); got != before {
		t.Errorf("umask of the next program is %s, want %s", got, before)
	}
	if after := umask(t); after != before {
		t.Errorf("umask of this process has become %s, was %s", after, before)
	}
}

// umask returns that of this process as the shell writes it.
func umask(t *testing.T) string {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		if mask, ok := strings.CutPrefix(line, "Umask:"); ok {
			return strings.TrimSpace(mask)
		}
	}
	t.Fatal("no umask in /proc/self/status")
	return ""
}

func TestCredentialIsTakenOnWhole(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can run a program as someone else")
	}
	as, err := process.LookupCredential("nobody", "")
	if err != nil {
		t.Fatal(err)
	}
	result := run(t, process.Spec{
		Args: sh(`grep -E '^(Uid|Gid|Groups|CapEff):' /proc/self/status; echo "$USER $LOGNAME $HOME"`),
		Env:  process.Environment(as, nil), Credential: as,
	})
	uid, gid := strconv.Itoa(int(as.UID)), strconv.Itoa(int(as.GID))
	want := strings.Join([]string{
		"Uid: " + strings.Repeat(uid+" ", 4), "Gid: " + strings.Repeat(gid+" ", 4), "Groups: " + gid,
		"CapEff: 0000000000000000", "nobody nobody " + as.Home,
	}, "\n")
	if diff := cmp.Diff(strings.Fields(want), strings.Fields(string(result.Stdout))); diff != "" {
		t.Errorf("identity (-want +got):\n%s", diff)
	}
}

func TestProgramDiesWithThisProcess(t *testing.T) {
	ready := newFIFO(t)
	parent := exec.Command(os.Args[0], "-test.run=^TestParent$")
	parent.Env = append(os.Environ(), "DRIFTLESS_TEST_PARENT="+ready.path)
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	child := ready.read(t)
	if !isAlive(t, child) {
		t.Errorf("process %s had ended before", child)
	}
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := parent.Wait(); err == nil {
		t.Fatal("the parent was not killed")
	}
	waitForEnd(t, child)
}

// waitForEnd blocks until the process has ended.
func waitForEnd(t *testing.T, pid string) {
	t.Helper()
	n, err := strconv.Atoi(pid)
	if err != nil {
		t.Fatal(err)
	}
	fd, err := unix.PidfdOpen(n, 0)
	if errors.Is(err, unix.ESRCH) {
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	ended, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 10_000)
	if err != nil || ended != 1 {
		t.Errorf("process %s is still alive: %v", pid, err)
	}
}

// TestParent is the process that TestProgramDiesWithThisProcess kills.
func TestParent(t *testing.T) {
	ready := os.Getenv("DRIFTLESS_TEST_PARENT")
	if ready == "" {
		t.Skip("runs only as a process of another test")
	}
	run(t, process.Spec{Args: sh("echo $$ > " + ready + "; exec sleep 60")})
}

func TestKillMarked(t *testing.T) {
	tests := map[string]string{
		"a child in the background":           `sleep 60 >/dev/null 2>&1 & echo > $READY`,
		"a daemon in a session of its own":    `setsid sh -c 'sh -c "echo > $READY; sleep 60; :" & exit' >/dev/null 2>&1`,
		"a program that ignores signals":      `setsid sh -c 'trap "" TERM HUP INT; echo > $READY; while :; do sleep 0.01; done' >/dev/null 2>&1 &`,
		"a tree of processes in many groups":  `for i in 1 2 3; do setsid setsid sleep 60 >/dev/null 2>&1 & done; echo > $READY`,
		"a program with another working root": `cd / && setsid sleep 60 >/dev/null 2>&1 & echo > $READY`,
	}
	for name, script := range tests {
		t.Run(name, func(t *testing.T) {
			id := strings.ReplaceAll(t.Name(), " ", "-")
			ready := newFIFO(t)
			read := make(chan struct{})
			go func() {
				defer close(read)
				ready.read(t)
			}()
			run(t, process.Spec{
				Args: sh(script),
				Env:  process.Environment(nil, map[string]string{"READY": ready.path, process.MarkerName: id}),
			})
			<-read
			if other := killMarked(t, id+"0"); other != 0 {
				t.Errorf("%d processes of a run with a longer id were killed", other)
			}
			if killed := killMarked(t, id); killed == 0 {
				t.Error("nothing was found to kill")
			}
			if left := killMarked(t, id); left != 0 {
				t.Errorf("%d processes were left", left)
			}
		})
	}
}

func TestKillMarkedSparesThisProcess(t *testing.T) {
	const id = "this-process-itself"
	if os.Getenv(process.MarkerName) == id {
		if killed := killMarked(t, id); killed != 0 {
			t.Errorf("%d processes were killed", killed)
		}
		return
	}
	self := run(t, process.Spec{
		Args: []string{os.Args[0], "-test.run=^" + t.Name() + "$"},
		Env:  append(os.Environ(), process.Marker(id)),
	})
	if err := self.Err(); err != nil {
		t.Error(err)
	}
}

// BenchmarkKillMarked is what each run costs of which nothing is left. It takes
// longer with each process that the machine has.
func BenchmarkKillMarked(b *testing.B) {
	for b.Loop() {
		if killed, err := process.KillMarked("nobody"); killed > 0 || err != nil {
			b.Fatal(killed, err)
		}
	}
}

func TestKillMarkedRefusesNoID(t *testing.T) {
	if _, err := process.KillMarked(""); err == nil {
		t.Error("no error, though every process that was ever marked might match")
	}
}

func TestRunReturnsThoughTheProgramCanNotBeKilled(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can make a program that another user may start but not kill")
	}
	if testing.Short() {
		t.Skip("takes as long as Run waits for a program to die of SIGKILL")
	}
	t.Parallel()
	nobody, err := process.LookupCredential("nobody", "")
	if err != nil {
		t.Fatal(err)
	}
	plain, setuid := copySelf(t)
	ready := newFIFO(t)
	if err := os.Chmod(filepath.Dir(filepath.Dir(ready.path)), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(ready.path, 0o666); err != nil {
		t.Fatal(err)
	}
	id := t.Name()
	t.Cleanup(func() { killMarked(t, id) })
	result := run(t, process.Spec{
		Args: []string{plain, "-test.run=^TestUserOfUnkillable$"}, Dir: "/", Credential: nobody,
		Env: process.Environment(nobody, map[string]string{
			"DRIFTLESS_TEST_SETUID": setuid, "DRIFTLESS_TEST_READY": ready.path, process.MarkerName: id,
		}),
	})
	if err := result.Err(); err != nil || !strings.Contains(string(result.Stdout), unkillableDone) {
		t.Errorf("%v\n%s", err, result.Stdout)
	}
}

const unkillableDone = "Run has given up"

// copySelf copies this test's binary twice to where every user may run it;
// the second copy runs as root whoever starts it.
func copySelf(t *testing.T) (plain, setuid string) {
	t.Helper()
	binary, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	dir, err := openDir()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	plain, setuid = filepath.Join(dir, "plain"), filepath.Join(dir, "setuid")
	for path, mode := range map[string]os.FileMode{plain: 0o755, setuid: 0o755 | os.ModeSetuid} {
		if err := os.WriteFile(path, binary, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	return plain, setuid
}

// openDir makes a directory that every user may enter. Those of a test lie in
// one that only its user may.
func openDir() (string, error) {
	dir, err := os.MkdirTemp("", "driftless")
	if err != nil {
		return "", err
	}
	return dir, os.Chmod(dir, 0o755)
}

// TestUserOfUnkillable runs as nobody, and starts what runs as root.
func TestUserOfUnkillable(t *testing.T) {
	setuid, ready := os.Getenv("DRIFTLESS_TEST_SETUID"), fifo{os.Getenv("DRIFTLESS_TEST_READY")}
	if setuid == "" {
		t.Skip("runs only as a process of another test")
	}
	_, _, took, err := runAndCancel(t, ready, process.Spec{
		Args: []string{setuid, "-test.run=^TestUnkillable$"}, Grace: time.Millisecond,
		Env: append(process.Environment(nil, nil), "DRIFTLESS_TEST_UNKILLABLE="+ready.path, process.Marker(os.Getenv(process.MarkerName))),
	})
	if err == nil || !strings.Contains(err.Error(), "belongs to another user") {
		t.Errorf("error %v, want one that says why it is still there", err)
	}
	if took > 30*time.Second {
		t.Errorf("it took %s", took)
	}
	if t.Failed() {
		os.Exit(1)
	}
	fmt.Println(unkillableDone)
	os.Exit(0) // before goleak finds the goroutine that still waits
}

// TestUnkillable becomes root and waits to be killed by root.
func TestUnkillable(t *testing.T) {
	path := os.Getenv("DRIFTLESS_TEST_UNKILLABLE")
	if path == "" {
		t.Skip("runs only as a process of another test")
	}
	if err := syscall.Setuid(0); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("ready"), 0); err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Minute)
}
