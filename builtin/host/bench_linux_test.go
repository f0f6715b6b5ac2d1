package host

import (
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/shirou/gopsutil/v3/cpu"
	"github.com/shirou/gopsutil/v3/disk"
	"github.com/shirou/gopsutil/v3/load"
	"github.com/shirou/gopsutil/v3/mem"
	"github.com/shirou/gopsutil/v3/net"

	"github.com/driftless-hq/driftless/plugin/event"
)

// BenchmarkCollect measures this host, as a whole and by part.
func BenchmarkCollect(b *testing.B) {
	b.Run(profileMinimal, func(b *testing.B) { benchmarkParts(b, minimal()...) })
	for _, name := range minimal() {
		b.Run(name, func(b *testing.B) { benchmarkParts(b, name) })
	}
}

func benchmarkParts(b *testing.B, parts ...string) {
	set := settings{parts: parts, path: defaultPaths(), filesystem: defaultFilesystem()}
	c, err := open(set, environment{log: hclog.NewNullLogger(), statfs: statfs}, time.Now)
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close(b.Context())
	var batch event.Batch
	out := event.NewBuilder(&batch)
	b.ReportAllocs()
	for b.Loop() {
		batch.Reset()
		if err := c.Collect(b.Context(), out); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(batch.Len()), "samples")
}

// BenchmarkGopsutil asks gopsutil for what it knows of the same.
func BenchmarkGopsutil(b *testing.B) {
	b.Run(profileMinimal, func(b *testing.B) {
		benchmarkAll(b, gopsutilCPU, gopsutilMemory, gopsutilLoad, gopsutilNet, gopsutilDisk)
	})
	b.Run(partCPU, func(b *testing.B) { benchmarkAll(b, gopsutilCPU) })
	b.Run(partMeminfo, func(b *testing.B) { benchmarkAll(b, gopsutilMemory) })
	b.Run(partLoadavg, func(b *testing.B) { benchmarkAll(b, gopsutilLoad) })
	b.Run(partNetdev, func(b *testing.B) { benchmarkAll(b, gopsutilNet) })
	b.Run(partFilesystem, func(b *testing.B) { benchmarkAll(b, gopsutilDisk) })
}

func benchmarkAll(b *testing.B, all ...func() error) {
	b.ReportAllocs()
	for b.Loop() {
		for _, one := range all {
			if err := one(); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func gopsutilCPU() error {
	_, err := cpu.Times(true)
	return err
}

func gopsutilMemory() error {
	_, err := mem.VirtualMemory()
	return err
}

func gopsutilLoad() error {
	_, err := load.Avg()
	return err
}

func gopsutilNet() error {
	_, err := net.IOCounters(true)
	return err
}

func gopsutilDisk() error {
	partitions, err := disk.Partitions(false)
	if err != nil {
		return err
	}
	for _, one := range partitions {
		if _, err := disk.Usage(one.Mountpoint); err != nil {
			return err
		}
	}
	return nil
}
