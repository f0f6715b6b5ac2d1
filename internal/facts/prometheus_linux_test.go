package facts

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/zclconf/go-cty/cty"
)

func TestPrometheus(t *testing.T) {
	f := unpack(t, "testdata/debian.txtar").facts(t)
	tests := map[string]struct {
		group string
		value cty.Value // nil: what is gathered
		want  string
	}{
		"numbers have their unit": {group: "memory", want: `# HELP driftless_fact_memory_swap_total_bytes The swap space that is in use or could be, in bytes.
# TYPE driftless_fact_memory_swap_total_bytes gauge
driftless_fact_memory_swap_total_bytes 1.02340608e+09
# HELP driftless_fact_memory_total_bytes The memory that the kernel can use, in bytes.
# TYPE driftless_fact_memory_total_bytes gauge
driftless_fact_memory_total_bytes 8.241741824e+09
`},
		"texts are labels, and nulls are left out": {group: "dmi", want: `# HELP driftless_fact_dmi_info What the firmware says of the machine. Boards without DMI have only a product and a serial number, from their device tree.
# TYPE driftless_fact_dmi_info gauge
driftless_fact_dmi_info{bios_version="1.2.3",product="PowerEdge R750",vendor="Dell Inc."} 1
`},
		"bools are 0 and 1": {group: "selinux", want: `# HELP driftless_fact_selinux_enabled Whether a policy is in force or logged.
# TYPE driftless_fact_selinux_enabled gauge
driftless_fact_selinux_enabled 0
# HELP driftless_fact_selinux_info SELinux, as the kernel has it now.
# TYPE driftless_fact_selinux_info gauge
driftless_fact_selinux_info{mode="disabled"} 1
`},
		"keys of maps are labels, at every depth": {group: "disk", want: `# HELP driftless_fact_disk_info The disks by the name of their device: ` + "`sda`, `nvme0n1`" + `. Devices that are made of others or of memory, such as those of LVM, RAID and loop devices, are left out.
# TYPE driftless_fact_disk_info gauge
driftless_fact_disk_info{device="sda",model="Samsung SSD",serial="S1234"} 1
# HELP driftless_fact_disk_partitions_info The partitions by the name of their device: ` + "`sda1`" + `.
# TYPE driftless_fact_disk_partitions_info gauge
driftless_fact_disk_partitions_info{device="sda",partition="sda1",label="my disk",uuid="0a1b-2c3d"} 1
# HELP driftless_fact_disk_partitions_size_bytes The size in bytes.
# TYPE driftless_fact_disk_partitions_size_bytes gauge
driftless_fact_disk_partitions_size_bytes{device="sda",partition="sda1"} 1.048576e+06
driftless_fact_disk_partitions_size_bytes{device="sda",partition="sda2"} 2.097152e+06
# HELP driftless_fact_disk_removable Whether its medium can be taken out.
# TYPE driftless_fact_disk_removable gauge
driftless_fact_disk_removable{device="sda"} 0
# HELP driftless_fact_disk_rotational Whether it turns. Virtual disks often say so too.
# TYPE driftless_fact_disk_rotational gauge
driftless_fact_disk_rotational{device="sda"} 1
# HELP driftless_fact_disk_size_bytes The size in bytes; 0 for a drive without a medium.
# TYPE driftless_fact_disk_size_bytes gauge
driftless_fact_disk_size_bytes{device="sda"} 1.073741824e+09
`},
		"custom facts of any shape, under legal names": {
			group: "custom",
			value: cty.ObjectVal(map[string]cty.Value{
				"site":     cty.StringVal("ber\"lin"),
				"9 lives":  cty.StringVal("cat"),
				"max-load": cty.NumberFloatVal(1.5),
				"nothing":  cty.NullVal(cty.DynamicPseudoType),
				"rack":     cty.ObjectVal(map[string]cty.Value{"unit": cty.NumberIntVal(7), "locked": cty.True, "doors": cty.TupleVal([]cty.Value{cty.True})}),
			}),
			want: `# HELP driftless_fact_custom_info The custom facts that are text.
# TYPE driftless_fact_custom_info gauge
driftless_fact_custom_info{_9_lives="cat",site="ber\"lin"} 1
# HELP driftless_fact_custom_max_load A custom fact.
# TYPE driftless_fact_custom_max_load gauge
driftless_fact_custom_max_load 1.5
# HELP driftless_fact_custom_rack_locked A custom fact.
# TYPE driftless_fact_custom_rack_locked gauge
driftless_fact_custom_rack_locked 1
# HELP driftless_fact_custom_rack_unit A custom fact.
# TYPE driftless_fact_custom_rack_unit gauge
driftless_fact_custom_rack_unit 7
`},
		"packages make no series": {group: "package", want: `# HELP driftless_fact_package_info The software that the system's package manager has installed.
# TYPE driftless_fact_package_info gauge
driftless_fact_package_info{manager="apt"} 1
`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			value := tt.value
			if value == cty.NilVal {
				value = gather(t, f, tt.group)
			}
			got, problems := f.Prometheus(nil, map[string]cty.Value{tt.group: value})
			if len(problems) > 0 {
				t.Errorf("not all could be written: %v", problems)
			}
			if diff := cmp.Diff(tt.want, string(got)); diff != "" {
				t.Errorf("the text differs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPrometheusReadsTheFactsOfEveryGroup(t *testing.T) {
	f := unpack(t, "testdata/debian.txtar").facts(t)
	values := map[string]cty.Value{}
	for _, name := range f.Names() {
		values[name] = gather(t, f, name)
	}
	text, problems := f.Prometheus([]byte("# before\n"), values)
	if len(problems) > 0 {
		t.Errorf("not all could be written: %v", problems)
	}
	if !bytes.HasPrefix(text, []byte("# before\n")) {
		t.Error("what was there before is gone")
	}
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(text))
	if err != nil {
		t.Fatalf("Prometheus' own parser refuses it: %v\n%s", err, text)
	}
	for _, name := range []string{"driftless_fact_os_info", "driftless_fact_mount_size_bytes", "driftless_fact_network_interfaces_mtu", "driftless_fact_host_uptime_seconds"} {
		if families[name] == nil {
			t.Errorf("there is no %s in\n%s", name, text)
		}
	}
}
