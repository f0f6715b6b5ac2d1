package host

import (
	"fmt"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// minimal are the parts of the profile minimal. What may have to be waited for
// comes last.
func minimal() []string {
	return []string{partCPU, partMeminfo, partLoadavg, partStat, partUname, partTime, partNetdev, partFilesystem}
}

// newParts makes the parts that the settings name.
func newParts(set settings, env environment) ([]named, error) {
	proc, sys := set.path.Proc, set.path.Sys
	stat := newKernelFile(filepath.Join(proc, "stat")) // two parts read it
	var parts []named
	for _, name := range set.parts {
		var p part
		var err error
		switch name {
		case partCPU:
			p = newCPU(stat, sys)
		case partMeminfo:
			p = newMeminfo(proc)
		case partLoadavg:
			p = newLoadavg(proc)
		case partStat:
			p = &statPart{stat}
		case partUname:
			p = &unamePart{uname: unix.Uname}
		case partTime:
			p = newTime(sys)
		case partNetdev:
			p, err = newNetdev(set.netdev, proc, sys)
		case partFilesystem:
			p, err = newFilesystem(set.filesystem, newMountTable(set.path), env)
		default:
			err = fmt.Errorf("there is no collector %q", name)
		}
		if err != nil {
			return nil, err
		}
		parts = append(parts, named{part: p, name: name})
	}
	return parts, nil
}
