package gitrepo

import (
	"crypto/ed25519"
	"encoding/pem"
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/crypto/ssh"
)

// 17: a process that is killed leaves the socket of its ssh agent behind.
func TestDeadSocketsAreSwept(t *testing.T) {
	base := t.TempDir()
	t.Setenv("TMPDIR", base)
	listen := func(name string) (net.Listener, string) {
		t.Helper()
		dir := filepath.Join(base, socketDir+name)
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		listener, err := net.Listen("unix", filepath.Join(dir, "agent"))
		if err != nil {
			t.Fatal(err)
		}
		listener.(*net.UnixListener).SetUnlinkOnClose(false)
		return listener, dir
	}
	alive, stays := listen("alive")
	defer alive.Close()
	killed, goes := listen("killed")
	killed.Close()

	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(key, "")
	if err != nil {
		t.Fatal(err)
	}
	socket, stop, err := Auth{SSHKey: string(pem.EncodeToMemory(block))}.serveAgent()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(stays); err != nil {
		t.Errorf("the socket of a process that runs is gone: %v", err)
	}
	if _, err := os.Stat(goes); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the socket of a dead process stays: %v", err)
	}
	stop()
	if _, err := os.Stat(filepath.Dir(socket)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("its own socket stays: %v", err)
	}
}
