task "file" "a" {
  for_each = toset([1, 2]) # ERROR: Invalid for_each
  path     = "/${each.key}"
}
