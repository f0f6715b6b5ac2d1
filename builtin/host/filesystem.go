package host

import (
	"context"
	"regexp"

	"github.com/hashicorp/go-hclog"

	"github.com/driftless-hq/driftless/plugin/event"
)

var (
	fsDeviceError = gauge("node_filesystem_device_error", "Whether the file system could not be asked.")
	fsReadonly    = gauge("node_filesystem_readonly", "Whether the file system can't be written to.")
	fsSize        = gauge("node_filesystem_size_bytes", "Size of the file system in bytes.")
	fsFree        = gauge("node_filesystem_free_bytes", "Free space of the file system in bytes.")
	fsAvail       = gauge("node_filesystem_avail_bytes", "Free space of the file system that is not kept for root, in bytes.")
	fsFiles       = gauge("node_filesystem_files", "Number of files the file system has room for.")
	fsFilesFree   = gauge("node_filesystem_files_free", "Number of files that can still be created.")
	fsPurgeable   = gauge("node_filesystem_purgeable_bytes", "Space the system would free when it is needed, in bytes; 0 on Linux.")
	fsMountInfo   = gauge("node_filesystem_mount_info", "The device number of the file system.")
)

// mountTimeout is the device_error label of a mount that doesn't answer.
const mountTimeout = "mountpoint timeout"

// mount is one line of the table of mounts. The strings are labels.
type mount struct {
	device, point, fsType string
	major, minor          string // of the device number, empty where there is none
	readOnly              bool

	path  string // what to ask; the bytes of point as they are
	probe *probe
}

// mountLister knows what is mounted.
type mountLister interface {
	// list returns all mounts, and whether that is another list than the
	// last one. The mounts must not be changed.
	list(r *round) (mounts []mount, changed bool, err error)
	close() error
}

// filesystemPart measures mounted file systems.
type filesystemPart struct {
	table         mountLister
	log           hclog.Logger
	excludePoints *regexp.Regexp
	excludeTypes  *regexp.Regexp
	prober        *prober
	mounts        []mount // those to measure
}

func newFilesystem(cfg filesystemConfig, table mountLister, env environment) (*filesystemPart, error) {
	points, err := optionalRegexp("exclude_mount_points", cfg.ExcludeMountPoints)
	if err != nil {
		return nil, err
	}
	types, err := optionalRegexp("exclude_fs_types", cfg.ExcludeFSTypes)
	if err != nil {
		return nil, err
	}
	return &filesystemPart{
		table:         table,
		log:           env.log,
		excludePoints: points,
		excludeTypes:  types,
		prober:        newProber(env.statfs, cfg.MountTimeout),
	}, nil
}

func (p *filesystemPart) collect(ctx context.Context, r *round) error {
	all, changed, err := p.table.list(r)
	if err != nil {
		return err
	}
	if changed {
		p.choose(all, r.n)
	}
	p.prober.ask(ctx, r, p.mounts)
	p.logStuck(r)
	p.emitState(r)
	p.emitUsage(r)
	p.emitLinux(r)
	return nil
}

func (p *filesystemPart) close() error { return p.table.close() }

// choose keeps the mounts that are not excluded. Of several that would have
// the same labels it keeps the last one mounted, which is the one to be seen.
func (p *filesystemPart) choose(all []mount, round uint64) {
	type labels struct{ device, point, fsType string }
	place := map[labels]int{}
	p.mounts = p.mounts[:0]
	for _, m := range all {
		if matches(p.excludePoints, m.point) || matches(p.excludeTypes, m.fsType) {
			continue
		}
		m.probe = p.prober.probe(m.path, round)
		key := labels{m.device, m.point, m.fsType}
		if i, ok := place[key]; ok {
			p.mounts[i] = m
			continue
		}
		place[key] = len(p.mounts)
		p.mounts = append(p.mounts, m)
	}
	p.prober.forget(round)
}

// logStuck says once that a mount doesn't answer, and once that it does again.
func (p *filesystemPart) logStuck(r *round) {
	for i := range p.mounts {
		one := p.mounts[i].probe
		if stuck := one.answered != r.n; stuck != one.reported {
			one.reported = stuck
			if stuck {
				p.log.Warn("a mount doesn't answer; it is reported with device_error until it does", "mountpoint", p.mounts[i].point)
			} else {
				p.log.Info("a mount answers again", "mountpoint", p.mounts[i].point)
			}
		}
	}
}

func (p *filesystemPart) emitState(r *round) {
	for i := range p.mounts {
		m := &p.mounts[i]
		problem := m.problem(r.n)
		m.emit(r, fsDeviceError, oneIf(problem != ""), problem)
	}
	for i := range p.mounts {
		m := &p.mounts[i]
		m.emit(r, fsReadonly, oneIf(m.readOnly), m.problem(r.n))
	}
}

func (p *filesystemPart) emitUsage(r *round) {
	p.emitEach(r, fsSize, func(u *usage) float64 { return u.size })
	p.emitEach(r, fsFree, func(u *usage) float64 { return u.free })
	p.emitEach(r, fsAvail, func(u *usage) float64 { return u.avail })
	p.emitEach(r, fsFiles, func(u *usage) float64 { return u.files })
	p.emitEach(r, fsFilesFree, func(u *usage) float64 { return u.filesFree })
}

// emitLinux adds what node_exporter has on Linux only.
func (p *filesystemPart) emitLinux(r *round) {
	for i := range p.mounts {
		if m := &p.mounts[i]; m.major != "" && m.problem(r.n) == "" {
			m.emit(r, fsPurgeable, 0, "")
		}
	}
	for i := range p.mounts {
		if m := &p.mounts[i]; m.major != "" && m.problem(r.n) == "" {
			r.add(fsMountInfo, 1, "device", m.device, "major", m.major, "minor", m.minor, "mountpoint", m.point)
		}
	}
}

func (p *filesystemPart) emitEach(r *round, f *event.Family, value func(*usage) float64) {
	for i := range p.mounts {
		if m := &p.mounts[i]; m.problem(r.n) == "" {
			m.emit(r, f, value(&m.probe.usage), "")
		}
	}
}

// problem says why the mount has no usage in this round, empty if it has one.
func (m *mount) problem(round uint64) string {
	if m.probe.answered != round {
		return mountTimeout
	}
	if m.probe.err != nil {
		return m.probe.err.Error()
	}
	return ""
}

func (m *mount) emit(r *round, f *event.Family, value float64, problem string) {
	r.add(f, value, "device", m.device, "device_error", problem, "fstype", m.fsType, "mountpoint", m.point)
}
