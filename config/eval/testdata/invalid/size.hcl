task "file" "a" {
  path = "/a"
  size = "5 x" # ERROR: Invalid value for size
}
