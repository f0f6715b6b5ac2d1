package facts

import (
	"net/netip"
	"slices"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"
)

func TestUnquote(t *testing.T) {
	tests := map[string]struct{ in, want string }{
		"a bare word":                             {`debian`, `debian`},
		"double quotes":                           {`"Debian GNU/Linux"`, `Debian GNU/Linux`},
		"single quotes keep backslashes":          {`'a\b'`, `a\b`},
		"an escaped quote":                        {`"a \"b\" c"`, `a "b" c`},
		"quotes of the other kind are kept":       {`"it's"`, `it's`},
		"a quote that is never closed":            {`"open`, `open`},
		"a backslash at the end":                  {`a\`, `a\`},
		"pieces with different quotes are joined": {`a"b c"'d'`, `ab cd`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := unquote(tt.in); got != tt.want {
				t.Errorf("unquote(%s) = %s, want %s", tt.in, got, tt.want)
			}
		})
	}
}

func TestFamily(t *testing.T) {
	tests := map[string]struct {
		id   string
		like []string
		want string
	}{
		"a known one":                           {"ubuntu", []string{"debian"}, "debian"},
		"one derived from a known one":          {"neon", []string{"ubuntu", "debian"}, "debian"},
		"a derivative of RHEL":                  {"eurolinux", []string{"rhel", "fedora"}, "redhat"},
		"the flavours of openSUSE":              {"opensuse-tumbleweed", nil, "suse"},
		"one of no family is one of its own":    {"clear-linux-os", nil, "clear-linux-os"},
		"its own family comes before any other": {"alpine", []string{"debian"}, "alpine"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := family(tt.id, tt.like); got != tt.want {
				t.Errorf("family(%s, %v) = %s, want %s", tt.id, tt.like, got, tt.want)
			}
		})
	}
}

func TestParseRange(t *testing.T) {
	tests := map[string]struct {
		in   string
		want []int
	}{
		"one":               {"0", []int{0}},
		"a range":           {"0-2", []int{0, 1, 2}},
		"ranges with holes": {"0-1,4,6-7", []int{0, 1, 4, 6, 7}},
		"nothing":           {"", nil},
		"not a list":        {"a-b", nil},
		"backwards":         {"3-1", nil},
		"far too many":      {"0-99999999", nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := parseRange(tt.in); !slices.Equal(got, tt.want) {
				t.Errorf("parseRange(%q) = %v, want %v", tt.in, got, tt.want)
			}
		})
	}
}

func TestMergeOptions(t *testing.T) {
	tests := map[string]struct {
		mount, super string
		want         []string
	}{
		"those of the mount come first":              {"rw,nosuid", "rw,size=1k", []string{"rw", "nosuid", "size=1k"}},
		"a read-only mount of a writable system":     {"ro,noexec", "rw", []string{"ro", "noexec"}},
		"a read-only system is so at all its mounts": {"rw,noexec", "ro", []string{"ro", "noexec"}},
		"none is named twice":                        {"rw,sync", "rw,sync", []string{"rw", "sync"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, mergeOptions(tt.mount, tt.super)); diff != "" {
				t.Errorf("the options differ (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDefaultRoute(t *testing.T) {
	const head = "Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT\n"
	tests := map[string]struct {
		table   string
		device  string
		gateway netip.Addr
	}{
		"without one there is none":        {"eth0 000200C0 00000000 0001 0 0 0 00FFFFFF 0 0 0\n", "", netip.Addr{}},
		"the lowest metric counts":         {"a 00000000 010200C0 0003 0 0 9 00000000 0 0 0\nb 00000000 020200C0 0003 0 0 1 00000000 0 0 0\n", "b", netip.MustParseAddr("192.0.2.2")},
		"one that is down doesn't count":   {"a 00000000 010200C0 0002 0 0 0 00000000 0 0 0\n", "", netip.Addr{}},
		"one that refuses doesn't count":   {"a 00000000 010200C0 0201 0 0 0 00000000 0 0 0\n", "", netip.Addr{}},
		"half of all isn't all":            {"tun0 00000000 010200C0 0003 0 0 0 00000080 0 0 0\n", "", netip.Addr{}},
		"one over a device has no gateway": {"ppp0 00000000 00000000 0001 0 0 0 00000000 0 0 0\n", "ppp0", netip.IPv4Unspecified()},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r, ok := defaultRoute(parseRoutes4(head + tt.table))
			if ok != (tt.device != "") || r.device != tt.device || r.gateway != tt.gateway {
				t.Errorf("the default route is %+v (%t)", r, ok)
			}
		})
	}
}

func TestSerialPage(t *testing.T) {
	tests := map[string]struct {
		page []byte
		want string
	}{
		"the text after the header":         {append([]byte{0, 0x80, 0, 6}, " AB12 "...), "AB12"},
		"no more than its length":           {append([]byte{0, 0x80, 0, 2}, "AB12"...), "AB"},
		"a length beyond the end":           {append([]byte{0, 0x80, 0xff, 0xff}, "AB"...), "AB"},
		"another page":                      {append([]byte{0, 0x83, 0, 2}, "AB"...), ""},
		"too short for a header":            {[]byte{0, 0x80}, ""},
		"a serial number of nothing at all": {[]byte{0, 0x80, 0, 0}, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := deref(parseSerialPage(tt.page)); got != tt.want {
				t.Errorf("the serial number is %q, want %q", got, tt.want)
			}
		})
	}
}

func FuzzOSRelease(f *testing.F) {
	f.Add("ID=debian\nNAME=\"Debian \\\"x\\\"\"\nVERSION='12'\n#ID=x\nID_LIKE=a b\n")
	f.Fuzz(func(t *testing.T, content string) {
		values := parseOSRelease(content)
		for name, value := range values {
			if name == "" || !utf8.ValidString(value) {
				t.Errorf("%q is %q", name, value)
			}
		}
		var s operatingSystem
		s.describe(values)
		if s.ID == nil || s.Family == nil || s.PrettyName == nil {
			t.Errorf("%+v has no name", s)
		}
	})
}

func FuzzDpkgStatus(f *testing.F) {
	f.Add([]byte("Package: bash\nStatus: install ok installed\nVersion: 5.2\n\nPackage: x\nStatus: a b not-installed\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		for name, version := range parseDpkgStatus(content) {
			if name == "" || !utf8.ValidString(name) || !utf8.ValidString(version) {
				t.Errorf("%q has version %q", name, version)
			}
		}
		parseApkInstalled(content)
	})
}

func FuzzRoutes(f *testing.F) {
	f.Add("eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n")
	f.Add("00000000000000000000000000000000 00 00000000000000000000000000000000 00 fd000000000000000000000000000001 00000400 00000002 00000000 00000003 eth0\n")
	f.Fuzz(func(t *testing.T, table string) {
		for _, r := range parseRoutes4(table) {
			if !r.gateway.Is4() || r.device == "" {
				t.Errorf("%+v is no route of IPv4", r)
			}
		}
		for _, r := range parseRoutes6(table) {
			if !r.gateway.Is6() || r.device == "" {
				t.Errorf("%+v is no route of IPv6", r)
			}
		}
	})
}

func FuzzMountinfo(f *testing.F) {
	f.Add("30 27 0:40 / /srv/my\\040files ro,relatime shared:1 - nfs4 server:/x rw,vers=4.2\n31 1 0:1 / / rw - ext4 /dev/sda1\n")
	f.Fuzz(func(t *testing.T, table string) {
		for _, m := range parseMountinfo(table) {
			if m.point == "" || m.FSType == nil || len(m.Options) == 0 {
				t.Errorf("%+v is no mount", m)
			}
		}
	})
}

func FuzzCPUInfo(f *testing.F) {
	f.Add("processor\t: 0\nmodel name\t: x\nphysical id\t: 0\ncore id\t: 1\nflags\t: a b\ncpu MHz : 1e3\n\nprocessor: 1\n", "0-1")
	f.Fuzz(func(t *testing.T, content, list string) {
		c := describeCPU(parseCPUInfo(content))
		if c.Physical != nil && *c.Physical > *c.Logical {
			t.Errorf("%d cores in %d threads", *c.Physical, *c.Logical)
		}
		if n := len(parseRange(list)); n > maxCPUs {
			t.Errorf("%d processors", n)
		}
	})
}

func FuzzSmallFiles(f *testing.F) {
	f.Add("MemTotal: 10 kB\nsearch a.b.\n127.0.0.1 a.b a\nroot:x:0:0:root:/root:/bin/sh\n3.5 1\n\\x20")
	f.Fuzz(func(t *testing.T, content string) {
		for key, size := range parseMeminfo(content) {
			if size < 0 {
				t.Errorf("%s is %d", key, size)
			}
		}
		parseDomain(content)
		canonicalName(content, "a")
		parsePasswd(content, 0)
		parseUptime([]byte(content))
		unescapeUdev(content)
		parseSerialPage([]byte(content))
		parsePacmanLocal([]string{content})
	})
}

func FuzzCustomJSON(f *testing.F) {
	f.Add([]byte(`{"a":[1,"x",null,{"b":true}],"n":1e400}`))
	f.Add([]byte(`{"a":1,"a":{}}`))
	f.Fuzz(func(t *testing.T, content []byte) {
		v, err := parseJSON(content)
		if (err == nil) == (v == cty.NilVal) {
			t.Errorf("the value is %#v with the error %v", v, err)
		}
		if err == nil && !v.IsWhollyKnown() {
			t.Errorf("%#v is not known", v)
		}
	})
}
