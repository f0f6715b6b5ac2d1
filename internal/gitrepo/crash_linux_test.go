package gitrepo_test

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/driftless-hq/driftless/internal/gitrepo"
	"github.com/driftless-hq/driftless/internal/testutil/gitserver"
)

// again runs the test once more in a process of its own, which finds the value
// in its environment.
func again(t *testing.T, name, value string) *exec.Cmd {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	child.Env = append(os.Environ(), name+"="+value)
	return child
}

// 16: the disk is full during a fetch. The child has a small one of its own.
func TestADiskThatIsFullDuringAFetch(t *testing.T) {
	if os.Getenv("DRIFTLESS_TEST_SMALL_DISK") != "" {
		for _, command := range []bool{false, true} {
			fillDisk(t, command)
		}
		return
	}
	t.Parallel()
	child := again(t, "DRIFTLESS_TEST_SMALL_DISK", "yes")
	child.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS}
	if os.Geteuid() != 0 {
		child.SysProcAttr.Cloneflags = syscall.CLONE_NEWUSER
		child.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
		child.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
	}
	out, err := child.CombinedOutput()
	if errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.ENOSPC) {
		t.Skipf("this user can't have a disk of its own: %v", err)
	}
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func fillDisk(t *testing.T, command bool) {
	disk := t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=400k"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(disk, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	remote := gitserver.New(t)
	first := remote.Commit(t, "main", map[string]string{"a": "1"})
	repo := openIn(t, disk, gitrepo.Options{URL: remote.ServeHTTP(t, gitserver.HTTPOptions{}).URL, Command: command})
	fetch(t, repo)
	checkout(t, repo, first)
	content := map[string]string{"a": noise(1_000_000)}
	second := remote.Commit(t, "main", content)
	for range 2 {
		keeps(t, repo, first, "o space left on device") // git begins it with a capital
	}
	if err := syscall.Mount("tmpfs", disk, "tmpfs", syscall.MS_REMOUNT, "size=20m"); err != nil {
		t.Fatal(err)
	}
	fetch(t, repo)
	if diff := cmp.Diff(content, files(t, checkout(t, repo, second))); diff != "" {
		t.Errorf("the files differ where there is room again")
	}
	onlyWhatBelongs(t, disk)
}

// onlyWhatBelongs checks that nothing piled up beside the mirror and the files.
func onlyWhatBelongs(t *testing.T, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	if diff := cmp.Diff([]string{"lock", "mirror", "state.json", "tree", "tree.json", "tree.lock"}, names); diff != "" {
		t.Errorf("the directory holds (-want +got):\n%s", diff)
	}
	err = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if name := entry.Name(); strings.HasPrefix(name, "tmp_") || strings.HasSuffix(name, ".tmp") || strings.HasSuffix(name, ".lock") && name != "tree.lock" {
			t.Errorf("what is left over stays: %s", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// 17: the process is killed, at many points of a clone, a fetch, a swap and a
// checkout. The next works as if nothing had been.
func TestAProcessThatIsKilledAtAnyPoint(t *testing.T) {
	if said := os.Getenv("DRIFTLESS_TEST_KILLED"); said != "" {
		follow(t, said)
		return
	}
	t.Parallel()
	for name, driver := range map[string]string{"go-git": "", "the git command": "exec"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			remote := gitserver.New(t)
			remote.Commit(t, "main", map[string]string{"0": noise(200_000)})
			dir, server := t.TempDir(), remote.ServeHTTP(t, gitserver.HTTPOptions{})
			run := func(killAfter time.Duration) error {
				child := again(t, "DRIFTLESS_TEST_KILLED", dir+" "+server.URL+" "+driver)
				child.Args[1] = "-test.run=^TestAProcessThatIsKilledAtAnyPoint$"
				return killed(t, child, killAfter)
			}
			for i := range 12 {
				want := map[string]string{fmt.Sprint(i, "/a"): noise(100_000 + i), fmt.Sprint(i, "/b"): noise(i + 1)}
				if i%4 == 3 { // now it takes a swap
					remote.Rewrite(t, "main", want)
					if err := os.RemoveAll(filepath.Join(dir, "mirror", "objects")); err != nil {
						t.Fatal(err)
					}
				} else {
					remote.Commit(t, "main", want)
				}
				_ = run(time.Duration(i) * 6 * time.Millisecond) // how far it came is chance
			}
			remote.Rewrite(t, "main", map[string]string{"last": "1"})
			if err := run(time.Minute); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(map[string]string{"last": "1"}, files(t, filepath.Join(dir, "tree"))); diff != "" {
				t.Errorf("files (-want +got):\n%s", diff)
			}
			onlyWhatBelongs(t, dir)
		})
	}
}

// follow is what the child does.
func follow(t *testing.T, said string) {
	words := strings.Split(said, " ")
	repo := openIn(t, words[0], gitrepo.Options{URL: words[1], Command: words[2] == "exec"})
	fmt.Println("it begins")
	commit, _ := fetch(t, repo)
	checkout(t, repo, commit.Hash)
}

// killed runs a child and kills it some time after it has begun.
func killed(t *testing.T, child *exec.Cmd, after time.Duration) error {
	t.Helper()
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() && lines.Text() != "it begins" {
	}
	kill := time.AfterFunc(after, func() { _ = child.Process.Kill() })
	defer kill.Stop()
	var said strings.Builder
	for lines.Scan() {
		said.WriteString(lines.Text() + "\n")
	}
	if err := child.Wait(); err != nil {
		return fmt.Errorf("%w\n%s", err, said.String())
	}
	return nil
}
