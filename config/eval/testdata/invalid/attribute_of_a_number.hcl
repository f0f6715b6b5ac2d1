locals {
  a = 1
  b = local.a.c # ERROR: Unsupported attribute
}
