driftless {
  required_version = "new" # ERROR: Invalid version constraint
}
