task "file" "a" {
  for_each = null # ERROR: Invalid for_each: is null
  path     = "/a"
}
