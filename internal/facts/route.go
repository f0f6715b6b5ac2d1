package facts

import (
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"strconv"
	"strings"
)

// route is a default route.
type route struct {
	device  string
	gateway netip.Addr // the zero address: none
	metric  uint64
}

// The flags of a route, from <linux/route.h>.
const (
	routeUp     = 0x1
	routeReject = 0x200
)

func usable(flags uint64) bool { return flags&routeUp != 0 && flags&routeReject == 0 }

// gatewayText returns the gateway, nil if there is none.
func (r route) gatewayText() *string {
	if !r.gateway.IsValid() || r.gateway.IsUnspecified() {
		return nil
	}
	return new(r.gateway.String())
}

// defaultRoute returns the route that the kernel prefers.
func defaultRoute(routes []route) (best route, ok bool) {
	for _, r := range routes {
		if !ok || r.metric < best.metric {
			best, ok = r, true
		}
	}
	return best, ok
}

// parseRoutes4 returns the default routes of /proc/net/route. Its addresses
// are hexadecimal words in the byte order of the machine.
func parseRoutes4(table string) []route {
	var routes []route
	for line := range strings.Lines(table) {
		f := strings.Fields(line)
		if len(f) < 8 || f[1] != "00000000" || f[7] != "00000000" {
			continue
		}
		gateway, err1 := strconv.ParseUint(f[2], 16, 32)
		flags, err2 := strconv.ParseUint(f[3], 16, 32)
		metric, err3 := strconv.ParseUint(f[6], 10, 32)
		if err1 != nil || err2 != nil || err3 != nil || !usable(flags) {
			continue
		}
		var address [4]byte
		binary.NativeEndian.PutUint32(address[:], uint32(gateway))
		routes = append(routes, route{device: valid(f[0]), gateway: netip.AddrFrom4(address), metric: metric})
	}
	return routes
}

// parseRoutes6 returns the default routes of /proc/net/ipv6_route. Its
// addresses are in the byte order of the network.
func parseRoutes6(table string) []route {
	var routes []route
	for line := range strings.Lines(table) {
		f := strings.Fields(line)
		if len(f) < 10 || f[1] != "00" || strings.Trim(f[0], "0") != "" {
			continue
		}
		gateway, err1 := hex.DecodeString(f[4])
		metric, err2 := strconv.ParseUint(f[5], 16, 32)
		flags, err3 := strconv.ParseUint(f[8], 16, 32)
		address, ok := netip.AddrFromSlice(gateway)
		if err1 != nil || err2 != nil || err3 != nil || !ok || !address.Is6() || !usable(flags) {
			continue
		}
		routes = append(routes, route{device: valid(f[9]), gateway: address, metric: metric})
	}
	return routes
}
