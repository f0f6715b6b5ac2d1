package host

import (
	"slices"
	"strings"
	"time"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// typeHost is the collector of many parts.
const typeHost = "host"

// The parts. Each is a type of collector as well.
const (
	partCPU        = "cpu"
	partFilesystem = "filesystem"
	partLoadavg    = "loadavg"
	partMeminfo    = "meminfo"
	partNetdev     = "netdev"
	partStat       = "stat"
	partTime       = "time"
	partUname      = "uname"
)

// The only profile so far.
const profileMinimal = "minimal"

type hostConfig struct {
	Profile string   `schema:"profile"`
	Exclude []string `schema:"exclude"`
	Path    *paths   `schema:"path"`
}

type plainConfig struct {
	Path *paths `schema:"path"`
}

type filesystemConfig struct {
	ExcludeMountPoints string        `schema:"exclude_mount_points"`
	ExcludeFSTypes     string        `schema:"exclude_fs_types"`
	MountTimeout       time.Duration `schema:"mount_timeout"`
	Path               *paths        `schema:"path"`
}

type netdevConfig struct {
	ExcludeDevices string `schema:"exclude_devices"`
	IncludeDevices string `schema:"include_devices"`
	Path           *paths `schema:"path"`
}

// paths says where the kernel's file systems and the host's root are found.
type paths struct {
	Proc string `schema:"proc"`
	Sys  string `schema:"sys"`
	Root string `schema:"root"`
}

func defaultPaths() paths { return paths{Proc: "/proc", Sys: "/sys", Root: "/"} }

// The exclusions are node_exporter's, so that the same series appear.
const (
	defaultExcludeMountPoints = `^/(dev|proc|run/credentials/.+|sys|var/lib/docker/.+|var/lib/containers/storage/.+)($|/)`
	defaultExcludeFSTypes     = `^(autofs|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts|devtmpfs|fusectl|hugetlbfs|iso9660|mqueue|nsfs|overlay|proc|procfs|pstore|rpc_pipefs|securityfs|selinuxfs|squashfs|erofs|sysfs|tracefs)$`
	defaultMountTimeout       = "5s"
)

func defaultFilesystem() filesystemConfig {
	return filesystemConfig{
		ExcludeMountPoints: defaultExcludeMountPoints,
		ExcludeFSTypes:     defaultExcludeFSTypes,
		MountTimeout:       5 * time.Second,
	}
}

// plainDocs are the types that have no settings of their own.
func plainDocs() map[string]string {
	return map[string]string{
		partCPU:     "Seconds that each CPU spent in each mode, CPUs that are isolated or offline, and how often they were throttled.",
		partLoadavg: "The load averages of 1, 5 and 15 minutes.",
		partMeminfo: "All that the kernel says of its memory, in bytes.",
		partStat:    "Boot time, context switches, interrupts, forks, and processes that run or are blocked.",
		partTime:    "The host's clock, its time zone and its clock sources.",
		partUname:   "The kernel's name, release and version, and the host's name, as labels.",
	}
}

func types() []plugin.Type {
	all := []plugin.Type{hostType(), filesystemType(), netdevType()}
	for name, doc := range plainDocs() {
		all = append(all, collectorType(name, schema.Block{Doc: doc}))
	}
	slices.SortFunc(all, func(a, b plugin.Type) int { return strings.Compare(a.Ref.Name, b.Ref.Name) })
	return all
}

// collectorType is the type of that name; all of them can be given other paths.
func collectorType(name string, block schema.Block) plugin.Type {
	block.Blocks = append(block.Blocks, pathBlock())
	return plugin.Type{Ref: plugin.TypeRef{Kind: plugin.KindCollector, Name: name}, Schema: &block}
}

func hostType() plugin.Type {
	return collectorType(typeHost, schema.Block{
		Doc: "Measures this host with several collectors at once, under node_exporter's names.",
		Attributes: []schema.Attribute{
			{Name: "profile", Type: cty.String, Default: cty.StringVal(profileMinimal), Enum: []string{profileMinimal},
				Doc: "What to measure. `minimal` is " + strings.Join(partNames(), ", ") + "; systems other than Linux have cpu, filesystem, loadavg, meminfo and netdev."},
			{Name: "exclude", Type: cty.List(cty.String),
				Doc: "Collectors of the profile to leave out, such as one that is declared on its own."},
		},
	})
}

func filesystemType() plugin.Type {
	return collectorType(partFilesystem, schema.Block{
		Doc: "Size, free space and files of each mounted file system. A mount that doesn't answer is reported as an error and holds up nothing else.",
		Attributes: []schema.Attribute{
			{Name: "exclude_mount_points", Type: cty.String, Format: schema.Regexp, Default: cty.StringVal(defaultExcludeMountPoints),
				Doc: "Mount points to leave out."},
			{Name: "exclude_fs_types", Type: cty.String, Format: schema.Regexp, Default: cty.StringVal(defaultExcludeFSTypes),
				Doc: "Types of file systems to leave out."},
			{Name: "mount_timeout", Type: cty.String, Format: schema.Duration, Default: cty.StringVal(defaultMountTimeout),
				Doc: "How long one collection waits for its mounts. A mount that has not answered by then is marked with `device_error`, and isn't asked again before it has answered."},
		},
	})
}

func netdevType() plugin.Type {
	return collectorType(partNetdev, schema.Block{
		Doc: "Bytes, packets and errors of each network device.",
		Attributes: []schema.Attribute{
			{Name: "exclude_devices", Type: cty.String, Format: schema.Regexp, Doc: "Devices to leave out, such as `^(veth|cali).*`."},
			{Name: "include_devices", Type: cty.String, Format: schema.Regexp, Doc: "The only devices to measure; not together with exclude_devices."},
		},
	})
}

func pathBlock() schema.Nested {
	d := defaultPaths()
	path := func(name, def, doc string) schema.Attribute {
		return schema.Attribute{Name: name, Type: cty.String, Format: schema.AbsolutePath, Default: cty.StringVal(def), Doc: doc}
	}
	return schema.Nested{Name: "path", Nesting: schema.Single, Block: schema.Block{
		Doc: "Where the host's file systems are found, for use inside a container. Linux only.",
		Attributes: []schema.Attribute{
			path("proc", d.Proc, "Where procfs is mounted."),
			path("sys", d.Sys, "Where sysfs is mounted."),
			path("root", d.Root, "Where the host's root is mounted."),
		},
	}}
}

// partNames are the names of all parts, sorted.
func partNames() []string {
	return []string{partCPU, partFilesystem, partLoadavg, partMeminfo, partNetdev, partStat, partTime, partUname}
}

// without returns the names that are not excluded.
func without(names, exclude []string) []string {
	return slices.DeleteFunc(names, func(name string) bool { return slices.Contains(exclude, name) })
}

func validateExclude(exclude cty.Value) plugin.Diagnostics {
	if !exclude.IsWhollyKnown() || exclude.IsNull() {
		return nil
	}
	var diags plugin.Diagnostics
	var names []string
	for it := exclude.ElementIterator(); it.Next(); {
		key, element := it.Element()
		at := plugin.Attr("exclude").Index(key)
		if element.IsNull() {
			diags = append(diags, plugin.Error(at, "Missing collector name", "A name in exclude must not be null.")...)
			continue
		}
		name := element.AsString()
		names = append(names, name)
		if !slices.Contains(partNames(), name) {
			diags = append(diags, plugin.Error(at, "Unknown collector", "%q is not a collector of this profile. It has %s.", name, strings.Join(partNames(), ", "))...)
		}
	}
	if len(without(minimal(), names)) == 0 {
		diags = append(diags, plugin.Error(plugin.Attr("exclude"), "Nothing to collect", "All collectors of the profile are excluded. Leave one in, or remove the block.")...)
	}
	return diags
}

func validateMountTimeout(timeout cty.Value) plugin.Diagnostics {
	if !timeout.IsKnown() || timeout.IsNull() {
		return nil
	}
	if d, err := schema.ParseDuration(timeout.AsString()); err != nil || d == 0 {
		return plugin.Error(plugin.Attr("mount_timeout"), "Invalid timeout", "%q leaves a mount no time to answer. Write a duration such as \"5s\".", timeout.AsString())
	}
	return nil
}

func validateDevices(cfg cty.Value) plugin.Diagnostics {
	include, exclude := cfg.GetAttr("include_devices"), cfg.GetAttr("exclude_devices")
	if !include.IsKnown() || !exclude.IsKnown() || include.IsNull() || exclude.IsNull() {
		return nil
	}
	return plugin.Error(plugin.Attr("include_devices"), "Conflicting device filters", "include_devices and exclude_devices can't be used together. Keep the one that says it more simply.")
}
