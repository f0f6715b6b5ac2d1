task "file" "a" {
  for_each = {}
  path     = "/a"
}
