task "file" "a" {
  path = "/a"
  mode = "rwx" # ERROR: Invalid value for mode
}
