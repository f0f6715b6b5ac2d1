task "file" "a" {
  path = "/a"
  checksum = "x" # ERROR: Read-only attribute: can be referred to
}
