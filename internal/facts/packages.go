package facts

import (
	"bytes"
	"context"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin/schema"
)

type packages struct {
	Manager *string           `cty:"manager"`
	List    map[string]string `cty:"list"`
}

func packageGroup() group {
	return group{Nested: schema.Nested{Name: "package", Block: schema.Block{
		Doc: "The software that the system's package manager has installed.",
		Attributes: []schema.Attribute{
			stringFact("manager", "The package manager: `apt`, `dnf`, `yum`, `zypper`, `apk`, `pacman`, ..."),
			fact("list", cty.Map(cty.String), "The installed packages: names with versions. It is null for managers whose database only their own tools can read, as that of RPM."),
		},
	}}}
}

func gatherPackage(_ context.Context, f *Facts) any {
	p := packages{Manager: present(f.packageManager())}
	switch deref(p.Manager) {
	case "apt":
		p.List = parseDpkgStatus(f.read(f.inRoot("var/lib/dpkg/status")))
	case "apk":
		content := f.read(f.inRoot("lib/apk/db/installed"))
		if content == nil {
			content = f.read(f.inRoot("usr/lib/apk/db/installed"))
		}
		p.List = parseApkInstalled(content)
	case "pacman":
		if dir := f.inRoot("var/lib/pacman/local"); exists(dir) {
			p.List = parsePacmanLocal(f.names(dir))
		}
	}
	return p
}

// packageManager returns the first manager that is there of those of the
// system's family, else of all: many systems have a foreign one installed too.
func (f *Facts) packageManager() string {
	var other string
	release := f.release()
	for _, m := range []struct{ name, family, program string }{
		{"apt", "debian", "usr/bin/apt-get"},
		{"dnf", "redhat", "usr/bin/dnf"},
		{"dnf", "redhat", "usr/bin/dnf5"},
		{"dnf", "redhat", "usr/bin/microdnf"},
		{"tdnf", "redhat", "usr/bin/tdnf"},
		{"yum", "redhat", "usr/bin/yum"},
		{"zypper", "suse", "usr/bin/zypper"},
		{"apk", "alpine", "sbin/apk"},
		{"apk", "alpine", "usr/bin/apk"},
		{"pacman", "arch", "usr/bin/pacman"},
		{"xbps", "void", "usr/bin/xbps-install"},
		{"portage", "gentoo", "usr/bin/emerge"},
		{"nix", "nixos", "run/current-system/sw/bin/nix"},
	} {
		if !exists(f.inRoot(m.program)) {
			continue
		}
		if m.family == deref(release.Family) {
			return m.name
		}
		if other == "" {
			other = m.name
		}
	}
	return other
}

// parseDpkgStatus reads the packages that are installed, from the paragraphs
// of dpkg's database. Of one that is there for several architectures it keeps
// the first.
func parseDpkgStatus(content []byte) map[string]string {
	if content == nil {
		return nil
	}
	installed := map[string]string{}
	var name, version, status []byte
	flush := func() {
		if _, ok := installed[string(name)]; !ok && len(name) > 0 && bytes.HasSuffix(status, []byte(" installed")) {
			installed[valid(string(name))] = valid(string(version))
		}
		name, version, status = nil, nil, nil
	}
	for line := range bytes.Lines(content) {
		line = bytes.TrimRight(line, "\r\n")
		switch {
		case len(line) == 0:
			flush()
		case line[0] == 'P' && bytes.HasPrefix(line, []byte("Package: ")):
			name = line[len("Package: "):]
		case line[0] == 'V' && bytes.HasPrefix(line, []byte("Version: ")):
			version = line[len("Version: "):]
		case line[0] == 'S' && bytes.HasPrefix(line, []byte("Status: ")):
			status = line[len("Status: "):]
		}
	}
	flush()
	return installed
}

// parseApkInstalled reads apk's database: paragraphs of lines that begin with
// a letter and a colon.
func parseApkInstalled(content []byte) map[string]string {
	if content == nil {
		return nil
	}
	installed := map[string]string{}
	var name string
	for line := range bytes.Lines(content) {
		key, text, _ := strings.Cut(valid(string(bytes.TrimRight(line, "\r\n"))), ":")
		switch key {
		case "": // the end of a paragraph
			name = ""
		case "P":
			name = text
		case "V":
			if name != "" {
				installed[name] = text
			}
		}
	}
	return installed
}

// parsePacmanLocal reads the names of pacman's directories, one for each
// package: name-version-release.
func parsePacmanLocal(dirs []string) map[string]string {
	installed := map[string]string{}
	for _, dir := range dirs {
		release := strings.LastIndexByte(dir, '-')
		if release <= 0 {
			continue // ALPM_DB_VERSION
		}
		version := strings.LastIndexByte(dir[:release], '-')
		if version > 0 {
			installed[valid(dir[:version])] = valid(dir[version+1:])
		}
	}
	return installed
}
