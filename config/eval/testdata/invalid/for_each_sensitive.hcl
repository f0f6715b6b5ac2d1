task "file" "a" {
  for_each = toset([sensitive("a")]) # ERROR: Invalid for_each: sensitive
  path     = "/a"
}
