//go:build !linux

package host

import (
	"context"
	"fmt"
	"runtime"

	"github.com/shirou/gopsutil/v3/cpu"
	"github.com/shirou/gopsutil/v3/disk"
	"github.com/shirou/gopsutil/v3/load"
	"github.com/shirou/gopsutil/v3/mem"
	"github.com/shirou/gopsutil/v3/net"

	"github.com/driftless-hq/driftless/plugin/event"
)

// minimal are the parts of the profile minimal that this system has. What may
// have to be waited for comes last.
func minimal() []string {
	return []string{partCPU, partMeminfo, partLoadavg, partNetdev, partFilesystem}
}

// newParts makes the parts that the settings name.
func newParts(set settings, env environment) ([]named, error) {
	if set.path != defaultPaths() {
		return nil, fmt.Errorf("the block path has no meaning on %s; remove it", runtime.GOOS)
	}
	var parts []named
	for _, name := range set.parts {
		var p part
		var err error
		switch name {
		case partCPU:
			p = partFunc(collectCPU)
		case partMeminfo:
			p = partFunc(collectMemory)
		case partLoadavg:
			p = partFunc(collectLoad)
		case partNetdev:
			p, err = newNetdev(set.netdev)
		case partFilesystem:
			p, err = newFilesystem(set.filesystem, new(partitions), env)
		default:
			err = fmt.Errorf("there is no collector %q on %s", name, runtime.GOOS)
		}
		if err != nil {
			return nil, err
		}
		parts = append(parts, named{part: p, name: name})
	}
	return parts, nil
}

// partFunc is a part without any state.
type partFunc func(ctx context.Context, r *round) error

func (f partFunc) collect(ctx context.Context, r *round) error { return f(ctx, r) }
func (partFunc) close() error                                  { return nil }

var cpuSeconds = counter("node_cpu_seconds_total", "Seconds each CPU spent in each mode.")

func collectCPU(ctx context.Context, r *round) error {
	times, err := cpu.TimesWithContext(ctx, true)
	if err != nil {
		return fmt.Errorf("times of the CPUs: %w", err)
	}
	for i, t := range times {
		id := fmt.Sprint(i)
		r.add(cpuSeconds, t.User, "cpu", id, "mode", "user")
		r.add(cpuSeconds, t.Nice, "cpu", id, "mode", "nice")
		r.add(cpuSeconds, t.System, "cpu", id, "mode", "system")
		r.add(cpuSeconds, t.Idle, "cpu", id, "mode", "idle")
	}
	return nil
}

var (
	memoryTotal     = gauge("node_memory_total_bytes", "All memory, in bytes.")
	memoryFree      = gauge("node_memory_free_bytes", "Memory that nobody uses, in bytes.")
	memoryActive    = gauge("node_memory_active_bytes", "Memory used lately, in bytes.")
	memoryInactive  = gauge("node_memory_inactive_bytes", "Memory not used lately, in bytes.")
	memoryWired     = gauge("node_memory_wired_bytes", "Memory that can't be moved to disk, in bytes.")
	memorySwapTotal = gauge("node_memory_swap_total_bytes", "All swap space, in bytes.")
	memorySwapUsed  = gauge("node_memory_swap_used_bytes", "Swap space in use, in bytes.")
)

func collectMemory(ctx context.Context, r *round) error {
	m, err := mem.VirtualMemoryWithContext(ctx)
	if err != nil {
		return fmt.Errorf("memory: %w", err)
	}
	r.add(memoryTotal, float64(m.Total))
	r.add(memoryFree, float64(m.Free))
	r.add(memoryActive, float64(m.Active))
	r.add(memoryInactive, float64(m.Inactive))
	r.add(memoryWired, float64(m.Wired))
	swap, err := mem.SwapMemoryWithContext(ctx)
	if err != nil {
		return fmt.Errorf("swap space: %w", err)
	}
	r.add(memorySwapTotal, float64(swap.Total))
	r.add(memorySwapUsed, float64(swap.Used))
	return nil
}

var (
	load1  = gauge("node_load1", "Load average of the last minute.")
	load5  = gauge("node_load5", "Load average of the last 5 minutes.")
	load15 = gauge("node_load15", "Load average of the last 15 minutes.")
)

func collectLoad(ctx context.Context, r *round) error {
	l, err := load.AvgWithContext(ctx)
	if err != nil {
		return fmt.Errorf("load average: %w", err)
	}
	r.add(load1, l.Load1)
	r.add(load5, l.Load5)
	r.add(load15, l.Load15)
	return nil
}

// netColumns are what gopsutil knows of a device.
var netColumns = [...]struct {
	family *event.Family
	value  func(*net.IOCountersStat) uint64
}{
	{counter("node_network_receive_bytes_total", "Bytes received."), func(s *net.IOCountersStat) uint64 { return s.BytesRecv }},
	{counter("node_network_receive_packets_total", "Packets received."), func(s *net.IOCountersStat) uint64 { return s.PacketsRecv }},
	{counter("node_network_receive_errs_total", "Packets received with an error."), func(s *net.IOCountersStat) uint64 { return s.Errin }},
	{counter("node_network_receive_drop_total", "Packets received and dropped."), func(s *net.IOCountersStat) uint64 { return s.Dropin }},
	{counter("node_network_transmit_bytes_total", "Bytes sent."), func(s *net.IOCountersStat) uint64 { return s.BytesSent }},
	{counter("node_network_transmit_packets_total", "Packets sent."), func(s *net.IOCountersStat) uint64 { return s.PacketsSent }},
	{counter("node_network_transmit_errs_total", "Packets that could not be sent because of an error."), func(s *net.IOCountersStat) uint64 { return s.Errout }},
	{counter("node_network_transmit_drop_total", "Packets dropped rather than sent."), func(s *net.IOCountersStat) uint64 { return s.Dropout }},
}

func newNetdev(cfg netdevConfig) (part, error) {
	filter, err := newDeviceFilter(cfg)
	if err != nil {
		return nil, err
	}
	return partFunc(func(ctx context.Context, r *round) error { return collectNet(ctx, r, filter) }), nil
}

func collectNet(ctx context.Context, r *round, filter deviceFilter) error {
	devices, err := net.IOCountersWithContext(ctx, true)
	if err != nil {
		return fmt.Errorf("network devices: %w", err)
	}
	for _, column := range netColumns {
		for i := range devices {
			if filter.keeps([]byte(devices[i].Name)) {
				r.add(column.family, float64(column.value(&devices[i])), "device", devices[i].Name)
			}
		}
	}
	return nil
}

// partitions lists the mounts that gopsutil knows.
type partitions struct{}

func (*partitions) list(*round) ([]mount, bool, error) {
	all, err := disk.Partitions(true)
	if err != nil {
		return nil, false, fmt.Errorf("mounted file systems: %w", err)
	}
	mounts := make([]mount, len(all))
	for i, one := range all {
		mounts[i] = mount{device: one.Device, point: one.Mountpoint, fsType: one.Fstype, path: one.Mountpoint}
		for _, option := range one.Opts {
			mounts[i].readOnly = mounts[i].readOnly || option == "ro"
		}
	}
	return mounts, true, nil
}

func (*partitions) close() error { return nil }

func statfs(path string, u *usage) error {
	// Usage does not heed its context where the file system doesn't answer.
	s, err := disk.Usage(path)
	if err != nil {
		return err
	}
	*u = usage{
		size:      float64(s.Total),
		free:      float64(s.Free), // gopsutil says how much is available only
		avail:     float64(s.Free),
		files:     float64(s.InodesTotal),
		filesFree: float64(s.InodesFree),
	}
	return nil
}
