driftless {
  required_version = "newest" # ERROR: Invalid version constraint
  edition          = 2 # ERROR: Unsupported argument
}

task "file" "a" {
  path = "a" # ERROR: Invalid value for absolute path
}
