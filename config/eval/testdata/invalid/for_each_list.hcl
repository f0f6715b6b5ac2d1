task "file" "a" {
  for_each = ["a"] # ERROR: Invalid for_each: toset()
  path     = "/a"
}
