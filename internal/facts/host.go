package facts

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/driftless-hq/driftless/plugin/schema"
)

type host struct {
	Hostname  *string  `cty:"hostname"`
	FQDN      *string  `cty:"fqdn"`
	MachineID *string  `cty:"machine_id"`
	BootID    *string  `cty:"boot_id"`
	BootTime  *string  `cty:"boot_time"`
	Uptime    *float64 `cty:"uptime_seconds"`
	Timezone  *string  `cty:"timezone"`
}

func hostGroup() group {
	return group{
		static: true,
		varies: []string{"uptime_seconds", "timezone"},
		Nested: schema.Nested{Name: "host", Block: schema.Block{
			Doc: "Which host this is.",
			Attributes: []schema.Attribute{
				stringFact("hostname", "The name of the host, as the kernel knows it."),
				stringFact("fqdn", "The name with its domain: the hostname if it has a dot, else its canonical name in `/etc/hosts`, else the hostname with the domain, or the first search domain, of `/etc/resolv.conf`; null without any. No name server is asked."),
				stringFact("machine_id", "The identity that was made when the system was installed, from `/etc/machine-id`."),
				stringFact("boot_id", "A random identity, another one after each boot."),
				stringFact("boot_time", "When the kernel was started, in RFC 3339 and UTC."),
				numberFact("uptime_seconds", "The seconds since then, at the time the fact was gathered."),
				stringFact("timezone", "The name of the system's time zone, such as `Europe/Berlin`; `UTC` where none is set."),
			},
		}},
	}
}

func gatherHost(_ context.Context, f *Facts) any {
	h := host{
		Hostname:  f.text(f.inProc("sys/kernel/hostname")),
		MachineID: first(f.text(f.inRoot("etc/machine-id")), f.text(f.inRoot("var/lib/dbus/machine-id"))),
		BootID:    f.text(f.inProc("sys/kernel/random/boot_id")),
		Uptime:    parseUptime(f.read(f.inProc("uptime"))),
		Timezone:  f.timezone(),
	}
	if deref(h.MachineID) == "uninitialized" { // an image that was never booted
		h.MachineID = nil
	}
	if h.Hostname != nil {
		h.FQDN = f.fqdn(*h.Hostname)
	}
	if boot, ok := f.bootTime(h.Uptime); ok {
		h.BootTime = new(boot.UTC().Format(time.RFC3339))
	}
	return h
}

// bootTime prefers the kernel's own figure: one made of the uptime would
// differ by a second from one time to the next.
func (f *Facts) bootTime(uptime *float64) (time.Time, bool) {
	for line := range strings.Lines(string(f.read(f.inProc("stat")))) {
		if rest, ok := strings.CutPrefix(line, "btime "); ok {
			seconds, err := strconv.ParseInt(strings.TrimSpace(rest), 10, 64)
			return time.Unix(seconds, 0), err == nil
		}
	}
	if uptime == nil {
		return time.Time{}, false
	}
	return f.now().Add(-time.Duration(*uptime * float64(time.Second))), true
}

func parseUptime(content []byte) *float64 {
	seconds, _, _ := strings.Cut(string(content), " ")
	return parseFloat(seconds)
}

// timezone returns the name that /etc/localtime has below the database of
// time zones.
func (f *Facts) timezone() *string {
	target := f.link(f.inRoot("etc/localtime"))
	if _, name, ok := strings.Cut(target, "zoneinfo/"); ok {
		return present(name)
	}
	if name := f.text(f.inRoot("etc/timezone")); name != nil || exists(f.inRoot("etc/localtime")) {
		return name
	}
	return new("UTC")
}

func (f *Facts) fqdn(hostname string) *string {
	if strings.Contains(hostname, ".") {
		return &hostname
	}
	if name := canonicalName(string(f.read(f.inRoot("etc/hosts"))), hostname); name != "" {
		return present(name)
	}
	if domain := parseDomain(string(f.read(f.inRoot("etc/resolv.conf")))); domain != "" {
		return present(hostname + "." + domain)
	}
	return nil
}

// canonicalName returns the first name with a domain on a line of hosts(5)
// that names the host.
func canonicalName(hosts, hostname string) string {
	for line := range strings.Lines(hosts) {
		line, _, _ = strings.Cut(line, "#")
		fields := strings.Fields(line)
		if len(fields) < 2 {
			continue
		}
		for _, name := range fields[1:] {
			if strings.EqualFold(name, hostname) && strings.Contains(fields[1], ".") {
				return fields[1]
			}
		}
	}
	return ""
}

// parseDomain returns the domain of resolv.conf(5). The last line counts.
func parseDomain(resolv string) (domain string) {
	for line := range strings.Lines(resolv) {
		fields := strings.Fields(line)
		if len(fields) >= 2 && (fields[0] == "domain" || fields[0] == "search") {
			domain = strings.Trim(fields[1], ".")
		}
	}
	return domain
}
