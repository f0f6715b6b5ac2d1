locals {
  n = range(225)
}
task "file" "a" {
  for_each = toset(flatten([for a in local.n : [for b in local.n : "${a}_${b}"]])) # ERROR: Too many instances
  path     = "/${each.key}"
}
task "file" "b" {
  for_each = ["no set"] # it isn't looked at any more
  path     = "/b"
}
# NATIVE: it takes a second, and once is enough
