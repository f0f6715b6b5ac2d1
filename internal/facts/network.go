package facts

import (
	"context"
	"net"
	"net/netip"
	"strings"

	"github.com/driftless-hq/driftless/plugin/schema"
)

type network struct {
	Default4   *default4            `cty:"default_ipv4"`
	Default6   *default6            `cty:"default_ipv6"`
	Interfaces map[string]netDevice `cty:"interfaces"`
}

type default4 struct {
	Address   *string `cty:"address"`
	Prefix    *int    `cty:"prefix"`
	Netmask   *string `cty:"netmask"`
	Gateway   *string `cty:"gateway"`
	Interface string  `cty:"interface"`
}

type default6 struct {
	Address   *string `cty:"address"`
	Prefix    *int    `cty:"prefix"`
	Gateway   *string `cty:"gateway"`
	Interface string  `cty:"interface"`
}

type netDevice struct {
	MAC  *string      `cty:"mac"`
	MTU  int          `cty:"mtu"`
	Up   bool         `cty:"up"`
	IPv4 []netAddress `cty:"ipv4"`
	IPv6 []netAddress `cty:"ipv6"`
}

type netAddress struct {
	Address string `cty:"address"`
	Prefix  int    `cty:"prefix"`

	prefix netip.Prefix
}

func networkGroup() group {
	addresses := schema.Block{Attributes: []schema.Attribute{
		stringFact("address", "The address."),
		numberFact("prefix", "The length of the network's prefix in bits."),
	}}
	return group{Nested: schema.Nested{Name: "network", Block: schema.Block{
		Doc: "The network, as this process sees it.",
		Blocks: []schema.Nested{
			{Name: "default_ipv4", Block: schema.Block{
				Doc: "How IPv4 leaves the host; null without a default route.",
				Attributes: []schema.Attribute{
					stringFact("address", "The host's address in the network of the gateway, else the first of the interface."),
					numberFact("prefix", "The length of the network's prefix in bits."),
					stringFact("netmask", "The same as a mask: `255.255.255.0`."),
					stringFact("gateway", "The address of the gateway; null where the route has none."),
					stringFact("interface", "The interface: `eth0`."),
				},
			}},
			{Name: "default_ipv6", Block: schema.Block{
				Doc: "How IPv6 leaves the host; null without a default route.",
				Attributes: []schema.Attribute{
					stringFact("address", "The host's address in the network of the gateway, else the first of the interface that is not of the link only."),
					numberFact("prefix", "The length of the network's prefix in bits."),
					stringFact("gateway", "The address of the gateway; null where the route has none."),
					stringFact("interface", "The interface: `eth0`."),
				},
			}},
			{Name: "interfaces", Nesting: schema.Map, Label: "interface", Block: schema.Block{
				Doc: "The interfaces by their names, with the loopback.",
				Attributes: []schema.Attribute{
					stringFact("mac", "The hardware address; null where there is none."),
					numberFact("mtu", "The size of the largest packet in bytes."),
					boolFact("up", "Whether it is switched on."),
				},
				Blocks: []schema.Nested{
					{Name: "ipv4", Nesting: schema.List, Block: withDoc(addresses, "The IPv4 addresses.")},
					{Name: "ipv6", Nesting: schema.List, Block: withDoc(addresses, "The IPv6 addresses, with those of the link only.")},
				},
			}},
		},
	}}}
}

func withDoc(b schema.Block, doc string) schema.Block {
	b.Doc = doc
	return b
}

func gatherNetwork(_ context.Context, f *Facts) any {
	interfaces, err := f.calls.interfaces()
	if err != nil {
		f.log.Debug("The interfaces of the network can't be listed", "error", err)
		return network{}
	}
	n := network{Interfaces: interfaces}
	if r, ok := defaultRoute(parseRoutes4(string(f.read(f.inProc("net/route"))))); ok {
		n.Default4 = newDefault4(r, interfaces[r.device])
	}
	if r, ok := defaultRoute(parseRoutes6(string(f.read(f.inProc("net/ipv6_route"))))); ok {
		n.Default6 = newDefault6(r, interfaces[r.device])
	}
	return n
}

func newDefault4(r route, device netDevice) *default4 {
	d := &default4{Interface: r.device, Gateway: r.gatewayText()}
	if a := addressToward(r.gateway, device.IPv4); a != nil {
		d.Address, d.Prefix = &a.Address, &a.Prefix
		d.Netmask = new(net.IP(net.CIDRMask(a.Prefix, 32)).String())
	}
	return d
}

func newDefault6(r route, device netDevice) *default6 {
	d := &default6{Interface: r.device, Gateway: r.gatewayText()}
	var candidates []netAddress
	for _, a := range device.IPv6 {
		if !a.prefix.Addr().IsLinkLocalUnicast() {
			candidates = append(candidates, a)
		}
	}
	if a := addressToward(r.gateway, candidates); a != nil {
		d.Address, d.Prefix = &a.Address, &a.Prefix
	}
	return d
}

// addressToward returns the address in the gateway's network, else the first,
// nil if there is none.
func addressToward(gateway netip.Addr, addresses []netAddress) *netAddress {
	for _, a := range addresses {
		if a.prefix.Contains(gateway) {
			return &a
		}
	}
	if len(addresses) == 0 {
		return nil
	}
	return &addresses[0]
}

// listInterfaces asks the kernel for the interfaces and their addresses.
func listInterfaces() (map[string]netDevice, error) {
	list, err := net.Interfaces()
	if err != nil {
		return nil, err
	}
	devices := make(map[string]netDevice, len(list))
	for _, i := range list {
		addresses, err := i.Addrs()
		if err != nil {
			continue // the interface is gone since it was listed
		}
		d := netDevice{MAC: present(i.HardwareAddr.String()), MTU: i.MTU, Up: i.Flags&net.FlagUp != 0, IPv4: []netAddress{}, IPv6: []netAddress{}}
		for _, a := range addresses {
			d.add(a.String())
		}
		devices[valid(i.Name)] = d
	}
	return devices, nil
}

// add takes down an address in the form "192.0.2.1/24".
func (d *netDevice) add(text string) {
	prefix, err := netip.ParsePrefix(strings.TrimSpace(text))
	if err != nil {
		return
	}
	a := netAddress{Address: prefix.Addr().String(), Prefix: prefix.Bits(), prefix: prefix}
	if prefix.Addr().Is4() {
		d.IPv4 = append(d.IPv4, a)
	} else {
		d.IPv6 = append(d.IPv6, a)
	}
}
