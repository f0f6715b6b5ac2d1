package facts

import (
	"context"
	"strings"

	"github.com/driftless-hq/driftless/plugin/schema"
)

type virtual struct {
	Type       *string `cty:"type"`
	Role       *string `cty:"role"`
	Hypervisor *string `cty:"hypervisor"`
}

func virtualGroup() group {
	return group{
		static: true,
		Nested: schema.Nested{Name: "virtual", Block: schema.Block{
			Doc: "What the system runs in. The words are those of systemd-detect-virt.",
			Attributes: []schema.Attribute{
				stringFact("type", "The innermost: a container (`docker`, `podman`, `lxc`, `systemd-nspawn`, `wsl`, ...), else a virtual machine (`kvm`, `vmware`, `oracle`, `xen`, `microsoft`, `amazon`, ...), else `none`."),
				stringFact("role", "`guest`, or `host` where the type is `none`."),
				stringFact("hypervisor", "The virtual machine, also where a container is in it; null on bare metal."),
			},
		}},
	}
}

func gatherVirtual(_ context.Context, f *Facts) any {
	hypervisor, container := f.hypervisor(), f.container()
	v := virtual{Hypervisor: present(hypervisor), Type: first(present(container), present(hypervisor), new("none"))}
	v.Role = new("guest")
	if *v.Type == "none" {
		v.Role = new("host")
	}
	return v
}

// container returns the kind of container that the host is, empty if it is
// none.
func (f *Facts) container() string {
	release := strings.ToLower(deref(f.text(f.inProc("sys/kernel/osrelease"))))
	switch {
	case exists(f.inProc("vz")) && !exists(f.inProc("bc")):
		return "openvz"
	case strings.Contains(release, "microsoft") || strings.HasSuffix(release, "wsl"):
		return "wsl"
	}
	if name := f.text(f.inRoot("run/systemd/container")); name != nil {
		return *name
	}
	if name := environmentValue(string(f.read(f.inProc("1/environ"))), "container"); name != "" {
		return valid(name)
	}
	return f.containerByFile()
}

// firstPIDs is the name space of process ids that the kernel starts with. Its
// number is fixed.
const firstPIDs = "pid:[4026531836]"

// containerByFile looks at the files that tell a container by being there.
// They stay behind where an image becomes a machine, so they count only where
// the processes aren't those of the machine.
func (f *Facts) containerByFile() string {
	pids := f.link(f.inProc("self/ns/pid"))
	switch {
	case pids == firstPIDs:
		return ""
	case exists(f.inRoot("run/.containerenv")):
		return "podman"
	case exists(f.inRoot(".dockerenv")):
		return "docker"
	case pids != "":
		return "container-other"
	}
	return ""
}

func environmentValue(environ, name string) string {
	for entry := range strings.SplitSeq(environ, "\x00") {
		if value, ok := strings.CutPrefix(entry, name+"="); ok {
			return value
		}
	}
	return ""
}

// hypervisor returns the kind of virtual machine that the host is, empty if it
// is none.
func (f *Facts) hypervisor() string {
	if deref(f.text(f.inSys("hypervisor/type"))) == "xen" {
		if strings.Contains(deref(f.text(f.inProc("xen/capabilities"))), "control_d") {
			return "" // the domain that manages the others
		}
		return "xen"
	}
	if name := f.hypervisorByFirmware(); name != "" {
		return name
	}
	if strings.Contains(string(f.read(f.inProc("device-tree/hypervisor/compatible"))), "linux,kvm") {
		return "kvm"
	}
	if !f.hasHypervisorFlag() {
		return ""
	}
	clocks := deref(f.text(f.inSys("devices/system/clocksource/clocksource0/available_clocksource")))
	switch {
	case strings.Contains(clocks, "kvm-clock"):
		return "kvm"
	case strings.Contains(clocks, "hyperv"):
		return "microsoft"
	case strings.Contains(clocks, "xen"):
		return "xen"
	}
	return "vm-other"
}

// hasHypervisorFlag reports whether the processor says that it isn't a real
// one. Only those of the x86 family do.
func (f *Facts) hasHypervisorFlag() bool {
	processors := parseCPUInfo(string(f.read(f.inProc("cpuinfo"))))
	return len(processors) > 0 && strings.Contains(" "+processors[0]["flags"]+" ", " hypervisor ")
}

// hypervisorByFirmware knows a virtual machine by the names in its firmware.
func (f *Facts) hypervisorByFirmware() string {
	id := func(name string) string { return deref(f.text(f.inSys("class/dmi/id/" + name))) }
	vendor, product := id("sys_vendor"), id("product_name")
	switch {
	case vendor == "Amazon EC2":
		// The real machines of that cloud are from the same vendor.
		if strings.Contains(product, ".metal") {
			return ""
		}
		return "amazon"
	case vendor == "Microsoft Corporation" && product == "Virtual Machine":
		return "microsoft"
	case product == "Google Compute Engine":
		return "google"
	}
	names := strings.Join([]string{vendor, product, id("board_vendor"), id("bios_vendor")}, "\n")
	for _, known := range []struct{ text, name string }{
		{"KVM", "kvm"}, {"KubeVirt", "kvm"}, {"OpenStack", "kvm"}, {"VMware", "vmware"}, {"VMW", "vmware"},
		{"innotek GmbH", "oracle"}, {"VirtualBox", "oracle"}, {"Xen", "xen"}, {"Bochs", "bochs"},
		{"Parallels", "parallels"}, {"BHYVE", "bhyve"}, {"Apple Virtualization", "apple"}, {"QEMU", "qemu"},
	} {
		if strings.Contains(names, known.text) {
			return known.name
		}
	}
	return ""
}
