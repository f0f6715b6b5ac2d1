package lang

import (
	"errors"
	"fmt"
	"math/big"
	"net"
	"strings"

	"github.com/apparentlymart/go-cidr/cidr"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/gocty"
)

// maxNewBits is by how much cidrsubnets may extend a prefix at once.
const maxNewBits = 32

// parsePrefix reads a prefix such as 10.0.0.0/8. It takes numbers with leading
// zeros for decimal, as they are read by those who write them.
func parsePrefix(arg cty.Value) (*net.IPNet, error) {
	text := arg.AsString()
	address, length, _ := strings.Cut(text, "/")
	if !strings.Contains(address, ":") {
		octets := strings.Split(address, ".")
		for i, octet := range octets {
			if trimmed := strings.TrimLeft(octet, "0"); octet != "" {
				octets[i] = max(trimmed, "0")
			}
		}
		address = strings.Join(octets, ".")
	}
	_, network, err := net.ParseCIDR(address + "/" + length)
	if err != nil {
		return nil, function.NewArgErrorf(0, "%q is not a prefix in CIDR notation, such as \"10.0.0.0/8\"", text)
	}
	return network, nil
}

// wholeNumber reads a whole number of any size within the limits.
func wholeNumber(arg cty.Value, i int) (*big.Int, error) {
	if err := checkNumber(arg); err != nil {
		return nil, err
	}
	n, accuracy := arg.AsBigFloat().Int(nil)
	if accuracy != big.Exact {
		return nil, function.NewArgErrorf(i, "a whole number is required")
	}
	return n, nil
}

var cidrHost = function.New(&function.Spec{
	Params: []function.Parameter{{Name: "prefix", Type: cty.String}, {Name: "hostnum", Type: cty.Number}},
	Type:   function.StaticReturnType(cty.String),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		network, err := parsePrefix(args[0])
		if err != nil {
			return cty.NilVal, err
		}
		number, err := wholeNumber(args[1], 1)
		if err != nil {
			return cty.NilVal, err
		}
		ip, err := cidr.HostBig(network, number)
		if err != nil {
			return cty.NilVal, function.NewArgError(1, err)
		}
		return cty.StringVal(ip.String()), nil
	},
})

var cidrNetmask = function.New(&function.Spec{
	Params: params("prefix"),
	Type:   function.StaticReturnType(cty.String),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		network, err := parsePrefix(args[0])
		if err != nil {
			return cty.NilVal, err
		}
		if network.IP.To4() == nil {
			return cty.NilVal, function.NewArgErrorf(0, "IPv6 has no netmasks")
		}
		return cty.StringVal(net.IP(network.Mask).String()), nil
	},
})

var cidrSubnet = function.New(&function.Spec{
	Params: []function.Parameter{
		{Name: "prefix", Type: cty.String}, {Name: "newbits", Type: cty.Number}, {Name: "netnum", Type: cty.Number},
	},
	Type: function.StaticReturnType(cty.String),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		network, err := parsePrefix(args[0])
		if err != nil {
			return cty.NilVal, err
		}
		var bits int
		if err := gocty.FromCtyValue(args[1], &bits); err != nil {
			return cty.NilVal, function.NewArgError(1, err)
		}
		number, err := wholeNumber(args[2], 2)
		if err != nil {
			return cty.NilVal, err
		}
		if length, all := network.Mask.Size(); bits < 0 || bits > all-length {
			return cty.NilVal, function.NewArgErrorf(1, "a prefix of %d bits can be extended by 0 to %d", length, all-length)
		}
		subnet, err := cidr.SubnetBig(network, bits, number)
		if err != nil {
			return cty.NilVal, function.NewArgError(2, err)
		}
		return cty.StringVal(subnet.String()), nil
	},
})

var cidrSubnets = function.New(&function.Spec{
	Params:   params("prefix"),
	VarParam: &function.Parameter{Name: "newbits", Type: cty.Number},
	Type:     function.StaticReturnType(cty.List(cty.String)),
	Impl: func(args []cty.Value, t cty.Type) (cty.Value, error) {
		network, err := parsePrefix(args[0])
		if err != nil {
			return cty.NilVal, err
		}
		var subnets []cty.Value
		var last *net.IPNet
		for i, arg := range args[1:] {
			length, err := extendedLength(network, arg)
			if err == nil {
				last, err = subnetAfter(network, last, length)
			}
			if err != nil {
				return cty.NilVal, function.NewArgError(i+1, err)
			}
			subnets = append(subnets, cty.StringVal(last.String()))
		}
		return listOf(t, subnets), nil
	},
})

func extendedLength(network *net.IPNet, newBits cty.Value) (int, error) {
	var bits int
	if err := gocty.FromCtyValue(newBits, &bits); err != nil {
		return 0, err
	}
	length, all := network.Mask.Size()
	if most := min(maxNewBits, all-length); bits < 1 || bits > most {
		return 0, fmt.Errorf("a prefix of %d bits can be extended by 1 to %d", length, most)
	}
	return length + bits, nil
}

// subnetAfter returns the first subnet of a length that comes after another.
func subnetAfter(network, last *net.IPNet, length int) (*net.IPNet, error) {
	if last == nil {
		_, all := network.Mask.Size()
		return &net.IPNet{IP: network.IP, Mask: net.CIDRMask(length, all)}, nil
	}
	next, overflow := cidr.NextSubnet(last, length)
	if overflow || !network.Contains(next.IP) {
		return nil, errors.New("there is no room left in the prefix for it")
	}
	return next, nil
}
