driftless {
  required_version = ">= 999" # ERROR: Unsupported driftless version
}
