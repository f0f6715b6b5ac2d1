locals {
  a = local.b
  c = 1
}
locals {
  b = local.c
}
