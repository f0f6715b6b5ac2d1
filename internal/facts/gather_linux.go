package facts

import (
	"errors"

	"golang.org/x/sys/unix"
)

// gatherers returns what gathers each group.
func gatherers() map[string]gatherer {
	return map[string]gatherer{
		"host": gatherHost, "os": gatherOS, "cpu": gatherCPU, "memory": gatherMemory, "disk": gatherDisk, "mount": gatherMount,
		"network": gatherNetwork, "virtual": gatherVirtual, "package": gatherPackage, "service": gatherService, "user": gatherUser,
		"dmi": gatherDMI, "selinux": gatherSELinux, "apparmor": gatherAppArmor, "custom": gatherCustom,
	}
}

func systemCalls() calls {
	return calls{machine: machine, statfs: statfs, interfaces: listInterfaces, ids: processIDs}
}

// machine returns the architecture.
func machine() *string {
	var name unix.Utsname
	if err := unix.Uname(&name); err != nil {
		return nil
	}
	return present(unix.ByteSliceToString(name.Machine[:]))
}

// statfs asks a mounted file system for its space. It never returns where the
// file system never answers.
func statfs(path string) (space, error) {
	var s unix.Statfs_t
	err := unix.Statfs(path, &s)
	for errors.Is(err, unix.EINTR) {
		err = unix.Statfs(path, &s)
	}
	if err != nil {
		return space{}, err
	}
	block := uint64(s.Bsize)
	if s.Frsize > 0 {
		block = uint64(s.Frsize)
	}
	return space{size: int64(s.Blocks * block), available: int64(s.Bavail * block)}, nil
}
