package lang

func networkDocs() Group {
	return Group{"IP network functions", []Doc{
		{
			Name: "cidrhost", Text: "Returns an address of a network by its number.",
			Params:  []string{"The network, as in `10.0.0.0/8`.", "The number, from 0; negative counts from the end."},
			Example: `cidrhost("10.12.112.0/20", 16)`, Result: `"10.12.112.16"`,
		},
		{
			Name: "cidrnetmask", Text: "Returns the netmask of an IPv4 network.",
			Params:  []string{"The network."},
			Example: `cidrnetmask("172.16.0.0/12")`, Result: `"255.240.0.0"`,
		},
		{
			Name: "cidrsubnet", Text: "Returns a subnet of a network by its number.",
			Params:  []string{"The network.", "By how many bits its prefix is extended.", "The number, from 0."},
			Example: `cidrsubnet("172.16.0.0/12", 4, 2)`, Result: `"172.18.0.0/16"`,
		},
		{
			Name: "cidrsubnets", Text: "Returns subnets of a network that follow one another.",
			Params:  []string{"The network.", "By how many bits the prefix of each is extended, from 1 to 32."},
			Example: `cidrsubnets("10.1.0.0/16", 4, 8)`, Result: `["10.1.0.0/20", "10.1.16.0/24"]`,
		},
	}}
}
