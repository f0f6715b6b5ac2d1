package facts

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestVirtual(t *testing.T) {
	const flagged = "processor: 0\nflags: fpu hypervisor sse\n"
	const clocks = "sys/devices/system/clocksource/clocksource0/available_clocksource"
	const vendor, product = "sys/class/dmi/id/sys_vendor", "sys/class/dmi/id/product_name"
	tests := map[string]struct {
		files            map[string]string
		kind, hypervisor string
	}{
		"bare metal":                               {map[string]string{vendor: "Dell Inc."}, "none", ""},
		"an instance of a cloud":                   {map[string]string{vendor: "Amazon EC2", product: "m5.large"}, "amazon", "amazon"},
		"a real machine of the same cloud":         {map[string]string{vendor: "Amazon EC2", product: "m5.metal"}, "none", ""},
		"a machine of Hyper-V":                     {map[string]string{vendor: "Microsoft Corporation", product: "Virtual Machine"}, "microsoft", "microsoft"},
		"a laptop of the same maker":               {map[string]string{vendor: "Microsoft Corporation", product: "Surface"}, "none", ""},
		"VMware":                                   {map[string]string{vendor: "VMware, Inc."}, "vmware", "vmware"},
		"VirtualBox":                               {map[string]string{vendor: "innotek GmbH", product: "VirtualBox"}, "oracle", "oracle"},
		"no firmware, but the clock of KVM":        {map[string]string{"proc/cpuinfo": flagged, clocks: "tsc kvm-clock"}, "kvm", "kvm"},
		"no firmware and no known clock":           {map[string]string{"proc/cpuinfo": flagged}, "vm-other", "vm-other"},
		"a guest of Xen":                           {map[string]string{"sys/hypervisor/type": "xen\n"}, "xen", "xen"},
		"the domain of Xen that manages others":    {map[string]string{"sys/hypervisor/type": "xen\n", "proc/xen/capabilities": "control_d\n"}, "none", ""},
		"a board of the ARM family in KVM":         {map[string]string{"proc/device-tree/hypervisor/compatible": "linux,kvm\x00"}, "kvm", "kvm"},
		"a container says so itself":               {map[string]string{"run/systemd/container": "systemd-nspawn\n"}, "systemd-nspawn", ""},
		"a container says so to its first process": {map[string]string{"proc/1/environ": "PATH=/bin\x00container=lxc\x00"}, "lxc", ""},
		"a container in a virtual machine":         {map[string]string{"run/.containerenv": "", vendor: "QEMU"}, "podman", "qemu"},
		"the Linux of Windows":                     {map[string]string{"proc/sys/kernel/osrelease": "5.15.90.1-microsoft-standard-WSL2\n", "proc/cpuinfo": flagged, clocks: "hyperv_clocksource_tsc_page"}, "wsl", "microsoft"},
		"OpenVZ":                                   {map[string]string{"proc/vz/x": ""}, "openvz", ""},
		"the host of OpenVZ":                       {map[string]string{"proc/vz/x": "", "proc/bc/x": ""}, "none", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			for path, content := range tt.files {
				writeFile(t, filepath.Join(root, path), []byte(content), 0o644)
			}
			role := "guest"
			if tt.kind == "none" {
				role = "host"
			}
			want := virtual{Type: &tt.kind, Role: &role, Hypervisor: present(tt.hypervisor)}
			got := gatherVirtual(t.Context(), fixture{root: root}.facts(t))
			if diff := cmp.Diff(any(want), got); diff != "" {
				t.Errorf("the facts differ (-want +got):\n%s", diff)
			}
		})
	}
}
