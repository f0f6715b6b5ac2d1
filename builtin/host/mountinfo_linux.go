package host

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// mountTable is the kernel's table of mounts.
type mountTable struct {
	root string
	host *kernelFile // what the first process sees
	self *kernelFile // what this process sees

	text   []byte // that mounts was parsed from
	mounts []mount
}

func newMountTable(p paths) *mountTable {
	return &mountTable{
		root: filepath.Clean(p.Root),
		host: newKernelFile(filepath.Join(p.Proc, "1/mountinfo")),
		self: newKernelFile(filepath.Join(p.Proc, "self/mountinfo")),
	}
}

func (t *mountTable) list(r *round) ([]mount, bool, error) {
	text, err := t.host.content(r)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
		// Mounted with hidepid, procfs shows only the processes of the user.
		text, err = t.self.content(r)
	}
	if err != nil {
		return nil, false, err
	}
	if t.text != nil && bytes.Equal(text, t.text) {
		return t.mounts, false, nil
	}
	mounts, err := parseMounts(text, t.root)
	if err != nil {
		return nil, false, fmt.Errorf("the table of mounts: %w", err)
	}
	t.text = append(t.text[:0], text...)
	t.mounts = mounts
	return mounts, true, nil
}

func (t *mountTable) close() error { return errors.Join(t.host.close(), t.self.close()) }

func parseMounts(text []byte, root string) ([]mount, error) {
	var mounts []mount
	for len(text) > 0 {
		var line []byte
		line, text = cutLine(text)
		m, err := parseMount(string(line), root)
		if err != nil {
			return nil, err
		}
		mounts = append(mounts, m)
	}
	return mounts, nil
}

// parseMount reads one line, which proc_pid_mountinfo(5) describes:
//
//	36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue
//
// Exactly one blank parts two fields, and a device may be empty.
func parseMount(line, root string) (mount, error) {
	before, after, found := strings.Cut(line, " - ")
	head, tail := strings.Split(before, " "), strings.Split(after, " ")
	if !found || len(head) < 6 || len(tail) < 3 {
		return mount{}, fmt.Errorf("%q has too few fields", line)
	}
	major, minor, found := strings.Cut(head[2], ":")
	if !found {
		return mount{}, fmt.Errorf("%q is not a device number", head[2])
	}
	point := underRoot(unescape(head[4]), root)
	return mount{
		device:   valid(tail[1]),
		point:    valid(point),
		fsType:   valid(tail[0]),
		major:    valid(major),
		minor:    valid(minor),
		readOnly: hasOption(head[5], "ro") || hasOption(tail[2], "ro") || hasOption(tail[2], "emergency_ro"),
		path:     filepath.Join(root, point),
	}, nil
}

// underRoot is the mount point as the host knows it, where the host's root is
// mounted at root.
func underRoot(point, root string) string {
	if root == "/" {
		return point
	}
	if point == root {
		return "/"
	}
	if strings.HasPrefix(point, root+"/") {
		return point[len(root):]
	}
	return point
}

// unescape undoes what the kernel does to blanks, line ends and backslashes.
func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	return strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`).Replace(s)
}

// valid makes a label of the kernel's bytes.
func valid(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }

func hasOption(options, name string) bool {
	for option := range strings.SplitSeq(options, ",") {
		if option == name {
			return true
		}
	}
	return false
}

// statfs asks a mounted file system how full it is. It never returns where the
// file system never answers.
func statfs(path string, u *usage) error {
	var s unix.Statfs_t
	for {
		err := unix.Statfs(path, &s)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return err
		}
		break
	}
	block := float64(s.Bsize)
	*u = usage{
		size:      float64(s.Blocks) * block,
		free:      float64(s.Bfree) * block,
		avail:     float64(s.Bavail) * block,
		files:     float64(s.Files),
		filesFree: float64(s.Ffree),
	}
	return nil
}
