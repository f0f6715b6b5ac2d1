task "file" "a" {
  for_each = "a" # ERROR: Invalid for_each: not a string
  path     = "/a"
}
