package facts

import (
	"context"
	"runtime"
	"strings"

	"github.com/driftless-hq/driftless/plugin/schema"
)

type operatingSystem struct {
	ID            *string  `cty:"id"`
	IDLike        []string `cty:"id_like"`
	Family        *string  `cty:"family"`
	Name          *string  `cty:"name"`
	PrettyName    *string  `cty:"pretty_name"`
	Version       *string  `cty:"version"`
	VersionID     *string  `cty:"version_id"`
	Codename      *string  `cty:"version_codename"`
	Kernel        *string  `cty:"kernel"`
	KernelRelease *string  `cty:"kernel_release"`
	Arch          *string  `cty:"arch"`
	GoArch        *string  `cty:"go_arch"`
}

func osGroup() group {
	return group{
		static: true,
		Nested: schema.Nested{Name: "os", Block: schema.Block{
			Doc: "The operating system. What a distribution says of itself is from `/etc/os-release`.",
			Attributes: []schema.Attribute{
				stringFact("id", "The distribution in one lower-case word: `debian`, `ubuntu`, `rhel`, `alpine`, ...; elsewhere the system: `darwin`, `freebsd`, `windows`."),
				listFact("id_like", "The distributions it is derived from, the closest first."),
				stringFact("family", "The kind of distribution: `debian`, `redhat`, `suse`, `arch`, `alpine`, `gentoo`, ...; the id itself where it belongs to none of them."),
				stringFact("name", "The name, such as `Debian GNU/Linux`."),
				stringFact("pretty_name", "The name with the version, for a reader."),
				stringFact("version", "The version with its name, for a reader: `12 (bookworm)`."),
				stringFact("version_id", "The version alone: `12`, `9.4`, `24.04`. It is text."),
				stringFact("version_codename", "The code name of the version: `bookworm`."),
				stringFact("kernel", "The name of the kernel: `Linux`."),
				stringFact("kernel_release", "The release of the kernel that runs: `6.1.0-18-amd64`."),
				stringFact("arch", "The architecture as the kernel names it: `x86_64`, `aarch64`."),
				stringFact("go_arch", "The architecture as many downloads name it: `amd64`, `arm64`."),
			},
		}},
	}
}

func gatherOS(_ context.Context, f *Facts) any {
	s := f.release()
	s.Kernel = f.text(f.inProc("sys/kernel/ostype"))
	s.KernelRelease = f.text(f.inProc("sys/kernel/osrelease"))
	s.Arch = f.calls.machine()
	s.GoArch = new(runtime.GOARCH)
	return s
}

// release returns what the distribution says of itself.
func (f *Facts) release() operatingSystem {
	var s operatingSystem
	content := f.read(f.inRoot("etc/os-release"))
	if content == nil {
		content = f.read(f.inRoot("usr/lib/os-release"))
	}
	if content != nil {
		s.describe(parseOSRelease(string(content)))
	}
	return s
}

// describe takes over what os-release says. The file may leave out ID and
// NAME, and then means Linux.
func (s *operatingSystem) describe(release map[string]string) {
	s.ID = first(present(release["ID"]), new("linux"))
	s.Name = first(present(release["NAME"]), new("Linux"))
	s.PrettyName = first(present(release["PRETTY_NAME"]), s.Name)
	s.Version = present(release["VERSION"])
	s.VersionID = present(release["VERSION_ID"])
	s.Codename = present(release["VERSION_CODENAME"])
	s.IDLike = strings.Fields(release["ID_LIKE"])
	s.Family = new(family(*s.ID, s.IDLike))
}

// parseOSRelease reads the assignments of os-release(5), which are in the
// syntax of a shell without any expansion. Lines that are none are passed over.
func parseOSRelease(content string) map[string]string {
	values := map[string]string{}
	for line := range strings.Lines(content) {
		name, text, ok := strings.Cut(strings.TrimSpace(line), "=")
		if ok && name != "" && name[0] != '#' {
			values[name] = valid(unquote(text))
		}
	}
	return values
}

// unquote returns the text that a shell would make of a word that holds
// quotes and backslashes.
func unquote(s string) string {
	var out strings.Builder
	var quote byte
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == quote && quote != 0:
			quote = 0
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
		case c == '\\' && quote != '\'' && i+1 < len(s):
			i++
			out.WriteByte(s[i])
		default:
			out.WriteByte(c)
		}
	}
	return out.String()
}

// family returns the family of a distribution, or of the first that it is
// derived from and that has one.
func family(id string, like []string) string {
	for _, candidate := range append([]string{id}, like...) {
		if f := familyOf(candidate); f != "" {
			return f
		}
	}
	return id
}

func familyOf(id string) string {
	switch id {
	case "debian", "ubuntu", "raspbian", "linuxmint", "devuan", "kali", "pop":
		return "debian"
	case "rhel", "fedora", "centos", "rocky", "almalinux", "ol", "amzn", "scientific", "mariner", "azurelinux":
		return "redhat"
	case "suse", "opensuse", "sles", "sled", "sle-micro":
		return "suse"
	case "arch", "archarm", "manjaro", "endeavouros":
		return "arch"
	case "alpine", "gentoo", "void", "nixos", "slackware":
		return id
	}
	if strings.HasPrefix(id, "opensuse-") {
		return "suse"
	}
	return ""
}
