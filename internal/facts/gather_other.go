//go:build !linux

package facts

import (
	"context"
	"runtime"
	"time"

	pscpu "github.com/shirou/gopsutil/v3/cpu"
	psdisk "github.com/shirou/gopsutil/v3/disk"
	pshost "github.com/shirou/gopsutil/v3/host"
	psmem "github.com/shirou/gopsutil/v3/mem"
)

// gatherers returns what gathers each group. Groups that only Linux has are
// objects of nulls.
func gatherers() map[string]gatherer {
	absent := func(context.Context, *Facts) any { return struct{}{} }
	return map[string]gatherer{
		"host": otherHost, "os": otherOS, "cpu": otherCPU, "memory": otherMemory, "mount": otherMount,
		"network": gatherNetwork, "virtual": otherVirtual, "service": otherService, "user": gatherUser, "custom": gatherCustom,
		"disk": absentMap, "package": absent, "dmi": absent, "selinux": absent, "apparmor": absent,
	}
}

func absentMap(context.Context, *Facts) any { return map[string]disk(nil) }

func systemCalls() calls {
	return calls{machine: func() *string { return nil }, statfs: statfs, interfaces: listInterfaces, ids: processIDs}
}

func (f *Facts) info(ctx context.Context) *pshost.InfoStat {
	info, err := pshost.InfoWithContext(ctx)
	if err != nil {
		f.log.Debug("The system can't be described", "error", err)
		return &pshost.InfoStat{}
	}
	return info
}

func otherHost(ctx context.Context, f *Facts) any {
	info := f.info(ctx)
	h := host{Hostname: present(info.Hostname), MachineID: present(info.HostID)}
	if h.Hostname != nil {
		h.FQDN = f.fqdn(*h.Hostname)
	}
	if info.BootTime > 0 {
		h.BootTime = new(time.Unix(int64(info.BootTime), 0).UTC().Format(time.RFC3339))
		h.Uptime = new(float64(info.Uptime))
	}
	return h
}

func otherOS(ctx context.Context, f *Facts) any {
	info := f.info(ctx)
	return operatingSystem{
		ID: new(runtime.GOOS), Family: new(runtime.GOOS), Name: present(info.Platform), PrettyName: present(info.Platform + " " + info.PlatformVersion),
		Version: present(info.PlatformVersion), VersionID: present(info.PlatformVersion),
		Kernel: present(info.OS), KernelRelease: present(info.KernelVersion), Arch: present(info.KernelArch), GoArch: new(runtime.GOARCH),
	}
}

func otherCPU(ctx context.Context, f *Facts) any {
	c := cpu{Logical: new(runtime.NumCPU())}
	if n, err := pscpu.CountsWithContext(ctx, false); err == nil && n > 0 {
		c.Physical = &n
	}
	infos, err := pscpu.InfoWithContext(ctx)
	if err != nil || len(infos) == 0 {
		f.log.Debug("The processors can't be described", "error", err)
		return c
	}
	c.Model, c.Vendor, c.Flags = present(infos[0].ModelName), present(infos[0].VendorID), infos[0].Flags
	if infos[0].Mhz > 0 {
		c.MHz = &infos[0].Mhz
	}
	return c
}

func otherMemory(ctx context.Context, f *Facts) any {
	var m memory
	if v, err := psmem.VirtualMemoryWithContext(ctx); err == nil {
		m.Total = new(int64(v.Total))
	}
	if s, err := psmem.SwapMemoryWithContext(ctx); err == nil {
		m.SwapTotal = new(int64(s.Total))
	}
	return m
}

func otherMount(ctx context.Context, f *Facts) any {
	partitions, err := psdisk.PartitionsWithContext(ctx, true)
	if err != nil {
		f.log.Debug("The mounts can't be listed", "error", err)
		return map[string]mount(nil)
	}
	table := make([]mount, len(partitions))
	for i, p := range partitions {
		table[i] = mount{Device: present(p.Device), FSType: present(p.Fstype), Options: p.Opts, point: p.Mountpoint}
	}
	return f.measure(ctx, table)
}

func otherVirtual(ctx context.Context, f *Facts) any {
	info := f.info(ctx)
	return virtual{Type: present(info.VirtualizationSystem), Role: present(info.VirtualizationRole)}
}

func otherService(context.Context, *Facts) any {
	switch runtime.GOOS {
	case "darwin":
		return services{Manager: new("launchd")}
	case "windows":
		return services{Manager: new("windows")}
	}
	return services{Manager: new("rc")}
}

func statfs(path string) (space, error) {
	usage, err := psdisk.Usage(path)
	if err != nil {
		return space{}, err
	}
	return space{size: int64(usage.Total), available: int64(usage.Free)}, nil
}
