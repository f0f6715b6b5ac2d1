package host

import (
	"context"
	"fmt"

	"golang.org/x/sys/unix"
)

var unameInfo = gauge("node_uname_info", "What uname(2) says of the kernel and the host, as labels.")

// unamePart reports the kernel and the host's name.
type unamePart struct {
	uname func(*unix.Utsname) error
	now   unix.Utsname
	last  unix.Utsname
	// The labels that were made of last.
	sysname, release, version, machine, nodename, domainname string
}

func (p *unamePart) collect(_ context.Context, r *round) error {
	if err := p.uname(&p.now); err != nil {
		return fmt.Errorf("uname: %w", err)
	}
	if p.now != p.last {
		p.last = p.now
		p.sysname = unix.ByteSliceToString(p.now.Sysname[:])
		p.release = unix.ByteSliceToString(p.now.Release[:])
		p.version = unix.ByteSliceToString(p.now.Version[:])
		p.machine = unix.ByteSliceToString(p.now.Machine[:])
		p.nodename = unix.ByteSliceToString(p.now.Nodename[:])
		p.domainname = unix.ByteSliceToString(p.now.Domainname[:])
	}
	r.add(unameInfo, 1, "domainname", p.domainname, "machine", p.machine, "nodename", p.nodename,
		"release", p.release, "sysname", p.sysname, "version", p.version)
	return nil
}

func (p *unamePart) close() error { return nil }
