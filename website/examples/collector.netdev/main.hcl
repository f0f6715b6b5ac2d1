collector "netdev" "physical" {
  exclude_devices = "^(lo|veth.*|docker.*|br-.*)$"
}
