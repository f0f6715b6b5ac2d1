task "file" "a" {
  path = "etc/a" # ERROR: Invalid value for absolute path: Begin it with /
}
