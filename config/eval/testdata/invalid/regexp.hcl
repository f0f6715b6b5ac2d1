task "file" "a" {
  path = "/a"
  pattern = "a(" # ERROR: Invalid value for regexp
}
