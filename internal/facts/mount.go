package facts

import (
	"context"
	"slices"
	"strings"

	"github.com/driftless-hq/driftless/plugin/schema"
)

type mount struct {
	Device    *string  `cty:"device"`
	FSType    *string  `cty:"fstype"`
	Options   []string `cty:"options"`
	Size      *int64   `cty:"size"`
	Available *int64   `cty:"available"`

	point string // where it is, byte for byte
}

func mountGroup() group {
	return group{Nested: schema.Nested{Name: "mount", Nesting: schema.Map, Label: "mountpoint", Block: schema.Block{
		Doc: "The mounted file systems by their mount point, as this process sees them. Where several are mounted over each other, it is the last.",
		Attributes: []schema.Attribute{
			stringFact("device", "What is mounted: a device, `server:/path`, or a name without a meaning."),
			stringFact("fstype", "The type of the file system: `ext4`, `nfs4`, `tmpfs`."),
			listFact("options", "The options that are in force, those of the mount before those of the file system."),
			numberFact("size", "The size in bytes. It is null where the file system doesn't answer in time, as one whose server is away."),
			numberFact("available", "The bytes that users other than root can still write; null as size is."),
		},
	}}}
}

func gatherMount(ctx context.Context, f *Facts) any {
	content := f.read(f.inProc("self/mountinfo"))
	if content == nil {
		return map[string]mount(nil)
	}
	return f.measure(ctx, parseMountinfo(string(content)))
}

// measure adds the sizes to mounts that were read from a table, and keeps the
// last of each mount point.
func (f *Facts) measure(ctx context.Context, table []mount) map[string]mount {
	last := map[string]*mount{}
	for i := range table {
		last[table[i].point] = &table[i]
	}
	var ask []string
	for point, m := range last {
		if deref(m.FSType) != "autofs" { // answers for what isn't mounted yet
			ask = append(ask, point)
		}
	}
	// Those that may hang come last, so that they can't hold up the others.
	slices.SortFunc(ask, func(a, b string) int {
		if ra, rb := last[a].mayHang(), last[b].mayHang(); ra != rb {
			if ra {
				return 1
			}
			return -1
		}
		return strings.Compare(a, b)
	})
	spaces := f.spaces.ask(ctx, ask)
	mounts := make(map[string]mount, len(last))
	for point, m := range last {
		if s, ok := spaces[point]; ok {
			m.Size, m.Available = &s.size, &s.available
		}
		mounts[valid(point)] = *m
	}
	return mounts
}

// mayHang reports whether a file system depends on something outside the
// kernel: a server, or a process.
func (m *mount) mayHang() bool {
	fstype := deref(m.FSType)
	switch fstype {
	case "nfs", "nfs4", "cifs", "smb3", "ceph", "9p", "afs", "glusterfs", "lustre", "gfs2", "ocfs2", "virtiofs":
		return true
	}
	return strings.HasPrefix(fstype, "fuse")
}

// parseMountinfo reads the lines of /proc/self/mountinfo in their order. A
// line that isn't as proc(5) says is passed over.
func parseMountinfo(content string) []mount {
	var mounts []mount
	for line := range strings.Lines(content) {
		before, after, ok := strings.Cut(line, " - ")
		left, right := strings.Fields(before), strings.Fields(after)
		if !ok || len(left) < 6 || len(right) < 2 {
			continue
		}
		m := mount{
			FSType: present(right[0]),
			Device: present(unescapeOctal(right[1])),
			point:  unescapeOctal(left[4]),
		}
		super := ""
		if len(right) > 2 {
			super = right[2]
		}
		m.Options = mergeOptions(left[5], super)
		mounts = append(mounts, m)
	}
	return mounts
}

// mergeOptions joins the options of a mount and of its file system. A mount
// can be read-only where its file system isn't; then the latter's rw is left
// out, and the other way round.
func mergeOptions(mount, super string) []string {
	options := strings.Split(valid(unescapeOctal(mount)), ",")
	readOnly := slices.Contains(strings.Split(super, ","), "ro")
	for option := range strings.SplitSeq(valid(unescapeOctal(super)), ",") {
		if option != "" && option != "rw" && option != "ro" && !slices.Contains(options, option) {
			options = append(options, option)
		}
	}
	if i := slices.Index(options, "rw"); i >= 0 && readOnly {
		options[i] = "ro"
	}
	return options
}

// unescapeOctal undoes the \040 of the kernel for blanks and backslashes.
func unescapeOctal(s string) string {
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+3 < len(s) && isOctal(s[i+1:i+4]) {
			out.WriteByte((s[i+1]-'0')<<6 | (s[i+2]-'0')<<3 | (s[i+3] - '0'))
			i += 3
			continue
		}
		out.WriteByte(s[i])
	}
	return out.String()
}

func isOctal(s string) bool {
	return s[0] >= '0' && s[0] <= '3' && s[1] >= '0' && s[1] <= '7' && s[2] >= '0' && s[2] <= '7'
}
