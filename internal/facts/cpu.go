package facts

import (
	"context"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/driftless-hq/driftless/plugin/schema"
)

type cpu struct {
	Logical  *int     `cty:"logical"`
	Physical *int     `cty:"physical"`
	Sockets  *int     `cty:"sockets"`
	Model    *string  `cty:"model"`
	Vendor   *string  `cty:"vendor"`
	MHz      *float64 `cty:"mhz"`
	Flags    []string `cty:"flags"`
}

func cpuGroup() group {
	return group{
		static: true,
		varies: []string{"mhz"},
		Nested: schema.Nested{Name: "cpu", Block: schema.Block{
			Doc: "The processors that are online. A quota or an affinity that leaves this process fewer of them doesn't count.",
			Attributes: []schema.Attribute{
				numberFact("logical", "The number of hardware threads."),
				numberFact("physical", "The number of cores."),
				numberFact("sockets", "The number of packages that the cores are in."),
				stringFact("model", "What the first processor is called."),
				stringFact("vendor", "Who made it, as it says itself: `GenuineIntel`, `AuthenticAMD`, `ARM`."),
				numberFact("mhz", "The highest frequency of the first processor in MHz; where that is not known, its present one."),
				listFact("flags", "What it can do, in the kernel's words: `avx2`, `aes`."),
			},
		}},
	}
}

func gatherCPU(_ context.Context, f *Facts) any {
	processors := parseCPUInfo(string(f.read(f.inProc("cpuinfo"))))
	c := describeCPU(processors)
	if online := parseRange(deref(f.text(f.inSys("devices/system/cpu/online")))); len(online) > 0 {
		c.Logical = new(len(online))
		if c.Physical == nil {
			c.Physical, c.Sockets = f.topology(online)
		}
	}
	if khz := f.number(f.inSys("devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq")); khz != nil {
		c.MHz = new(float64(*khz) / 1000)
	}
	return c
}

// topology counts the cores and packages of processors where cpuinfo doesn't
// tell them.
func (f *Facts) topology(online []int) (cores, packages *int) {
	threads, ids := map[string]bool{}, map[string]bool{}
	for _, n := range online {
		dir := f.inSys("devices/system/cpu/cpu" + strconv.Itoa(n) + "/topology")
		if siblings := f.text(filepath.Join(dir, "thread_siblings_list")); siblings != nil {
			threads[*siblings] = true
		}
		if id := f.text(filepath.Join(dir, "physical_package_id")); id != nil {
			ids[*id] = true
		}
	}
	return count(threads), count(ids)
}

func count(set map[string]bool) *int {
	if len(set) == 0 {
		return nil
	}
	return new(len(set))
}

// parseCPUInfo reads the processors of /proc/cpuinfo. What stands in a
// paragraph of its own about the whole machine is left out.
func parseCPUInfo(content string) []map[string]string {
	var processors []map[string]string
	current := map[string]string{}
	for line := range strings.Lines(content) {
		key, text, ok := strings.Cut(line, ":")
		if !ok {
			continue
		}
		key, text = strings.TrimSpace(key), valid(strings.TrimSpace(text))
		if key == "processor" {
			current = map[string]string{}
			processors = append(processors, current)
		}
		current[key] = text
	}
	return processors
}

func describeCPU(processors []map[string]string) cpu {
	var c cpu
	if len(processors) == 0 {
		return c
	}
	one := processors[0]
	c.Logical = new(len(processors))
	c.Model = first(present(one["model name"]), present(one["cpu model"]), present(one["cpu"]), present(one["uarch"]))
	c.Vendor = first(present(one["vendor_id"]), armVendor(one["CPU implementer"]))
	c.MHz = first(parseFloat(one["cpu MHz"]), parseFloat(strings.TrimSuffix(one["clock"], "MHz")))
	c.Flags = slices.Concat(strings.Fields(one["flags"]), strings.Fields(one["Features"]))
	cores, packages := map[string]bool{}, map[string]bool{}
	for _, p := range processors {
		if id, ok := p["physical id"]; ok {
			packages[id] = true
			cores[id+"/"+p["core id"]] = true
		}
	}
	c.Physical, c.Sockets = count(cores), count(packages)
	return c
}

// armVendor names the maker of an ARM processor, which tells a number only.
func armVendor(implementer string) *string {
	switch strings.ToLower(implementer) {
	case "0x41":
		return new("ARM")
	case "0x42":
		return new("Broadcom")
	case "0x43":
		return new("Cavium")
	case "0x48":
		return new("HiSilicon")
	case "0x4e":
		return new("NVIDIA")
	case "0x51":
		return new("Qualcomm")
	case "0x61":
		return new("Apple")
	case "0xc0":
		return new("Ampere")
	}
	return present(implementer)
}

// maxCPUs bounds what a list of processors may name.
const maxCPUs = 1 << 16

// parseRange reads a list such as "0-3,8", nil if it is none.
func parseRange(list string) []int {
	var numbers []int
	for part := range strings.SplitSeq(list, ",") {
		from, to, isRange := strings.Cut(part, "-")
		if !isRange {
			to = from
		}
		low, err := strconv.ParseUint(from, 10, 16)
		if err != nil {
			return nil
		}
		high, err := strconv.ParseUint(to, 10, 16)
		if err != nil {
			return nil
		}
		for n := low; n <= high && len(numbers) < maxCPUs; n++ {
			numbers = append(numbers, int(n))
		}
	}
	return numbers
}

// parseFloat returns the number that text is, nil if it is none.
func parseFloat(text string) *float64 {
	n, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err != nil || math.IsNaN(n) || math.IsInf(n, 0) {
		return nil
	}
	return &n
}
