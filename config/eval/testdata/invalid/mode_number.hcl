task "file" "a" {
  path = "/a"
  mode = 644 # ERROR: Invalid mode: in quotes
}
