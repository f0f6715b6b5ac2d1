package host

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/driftless-hq/driftless/plugin/event"
)

var (
	cpuIsolated         = gauge("node_cpu_isolated", "CPUs that the scheduler leaves alone.")
	cpuOnline           = gauge("node_cpu_online", "Whether each CPU is online.")
	cpuCoreThrottles    = counter("node_cpu_core_throttles_total", "How often each core was slowed down because of its heat.")
	cpuPackageThrottles = counter("node_cpu_package_throttles_total", "How often each package was slowed down because of its heat.")
)

// maxCPU is one more than the highest number of a CPU; Linux allows 8192.
const maxCPU = 1 << 16

// cpuSysfs reports what sysfs says of CPUs. Much of it exists on some machines
// only: what is missing is left out, and is not an error.
type cpuSysfs struct {
	dir       string // .../devices/system/cpu
	isolated  *cpuList
	present   *cpuList
	online    *cpuList
	pluggable bool // the CPUs can go offline
	cores     []throttle
	packages  []throttle
}

// throttle is the counter of one core or package.
type throttle struct {
	file      *kernelFile
	pkg, core string
}

func newCPUSysfs(sys string) *cpuSysfs {
	dir := filepath.Join(sys, "devices/system/cpu")
	_, err := os.Stat(filepath.Join(dir, "cpu0/online"))
	return &cpuSysfs{
		dir:       dir,
		isolated:  newCPUList(filepath.Join(dir, "isolated")),
		present:   newCPUList(filepath.Join(dir, "present")),
		online:    newCPUList(filepath.Join(dir, "online")),
		pluggable: err == nil,
	}
}

func (s *cpuSysfs) collect(r *round) {
	isolated, _ := s.isolated.read(r)
	for _, cpu := range isolated {
		r.add(cpuIsolated, 1, "cpu", cpu)
	}
	_, changed := s.online.read(r)
	if s.pluggable {
		present, _ := s.present.read(r)
		for _, cpu := range present {
			r.add(cpuOnline, oneIf(s.online.has[cpu]), "cpu", cpu)
		}
	}
	if changed || r.n == 1 {
		s.findThrottles()
	}
	addThrottles(r, cpuPackageThrottles, s.packages)
	addThrottles(r, cpuCoreThrottles, s.cores)
}

func (s *cpuSysfs) close() error {
	errs := []error{s.isolated.file.close(), s.present.file.close(), s.online.file.close()}
	for _, t := range slices.Concat(s.cores, s.packages) {
		errs = append(errs, t.file.close())
	}
	return errors.Join(errs...)
}

// findThrottles looks for the counters of each core and package. The threads
// of a core share its counter, so the first one found stands for all.
func (s *cpuSysfs) findThrottles() {
	for _, t := range slices.Concat(s.cores, s.packages) {
		_ = t.file.close() // it was only read from
	}
	s.cores, s.packages = nil, nil
	seenCore, seenPackage := map[[2]string]bool{}, map[string]bool{}
	dirs, _ := filepath.Glob(filepath.Join(s.dir, "cpu[0-9]*")) // the pattern is right
	for _, dir := range dirs {
		pkg, core := readID(dir, "physical_package_id"), readID(dir, "core_id")
		if pkg == "" || core == "" {
			continue
		}
		count := filepath.Join(dir, "thermal_throttle/core_throttle_count")
		if key := [2]string{pkg, core}; !seenCore[key] && exists(count) {
			seenCore[key] = true
			s.cores = append(s.cores, throttle{newKernelFile(count), pkg, core})
		}
		count = filepath.Join(dir, "thermal_throttle/package_throttle_count")
		if !seenPackage[pkg] && exists(count) {
			seenPackage[pkg] = true
			s.packages = append(s.packages, throttle{newKernelFile(count), pkg, ""})
		}
	}
}

// readID returns a number of the topology of a CPU, empty where there is none:
// a CPU that is offline has no topology.
func readID(dir, name string) string {
	text, err := os.ReadFile(filepath.Join(dir, "topology", name))
	if err != nil {
		return ""
	}
	id := bytes.TrimSpace(text)
	if _, ok := number(id); !ok {
		return ""
	}
	return string(id)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func addThrottles(r *round, family *event.Family, throttles []throttle) {
	for _, t := range throttles {
		text, err := t.file.content(r)
		if err != nil {
			continue // the CPU has just gone offline
		}
		n, ok := number(bytes.TrimSpace(text))
		switch {
		case !ok:
		case t.core == "":
			r.add(family, float64(n), "package", t.pkg)
		default:
			r.add(family, float64(n), "core", t.core, "package", t.pkg)
		}
	}
}

// cpuList is a file that lists CPUs, as in "0-3,8".
type cpuList struct {
	file *kernelFile
	text []byte // that cpus was parsed from
	cpus []string
	has  map[string]bool
}

func newCPUList(path string) *cpuList {
	return &cpuList{file: newKernelFile(path), has: map[string]bool{}}
}

// read returns the CPUs, and whether they are others than last time. There are
// none where the file is missing or makes no sense.
func (l *cpuList) read(r *round) (cpus []string, changed bool) {
	text, err := l.file.content(r)
	if err != nil {
		text = nil
	}
	if bytes.Equal(text, l.text) {
		return l.cpus, false
	}
	l.text = append(l.text[:0], text...)
	numbers, err := parseCPUList(strings.TrimSpace(string(text)))
	if err != nil {
		numbers = nil
	}
	l.cpus = l.cpus[:0]
	clear(l.has)
	for _, n := range numbers {
		cpu := strconv.Itoa(n)
		l.cpus = append(l.cpus, cpu)
		l.has[cpu] = true
	}
	return l.cpus, true
}

// parseCPUList reads a list of numbers and ranges. An empty one is empty.
func parseCPUList(text string) ([]int, error) {
	var cpus []int
	if text == "" {
		return nil, nil
	}
	for item := range strings.SplitSeq(text, ",") {
		from, to, isRange := strings.Cut(item, "-")
		if !isRange {
			to = from
		}
		lo, okLo := number([]byte(from))
		hi, okHi := number([]byte(to))
		if !okLo || !okHi || lo > hi || hi >= maxCPU || len(cpus) >= maxCPU {
			return nil, fmt.Errorf("%q is not a list of CPUs", text)
		}
		for n := lo; n <= hi; n++ {
			cpus = append(cpus, int(n))
		}
	}
	return cpus, nil
}
