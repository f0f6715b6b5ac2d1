task "file" "a" {
  path = "/a"
  path = "/b" # ERROR: Attribute redefined
}
