task "file" "a" {
  for_each = toset(["a", null]) # ERROR: Invalid for_each: holds a null
  path     = "/a"
}
