locals {
  a = local.a # ERROR: Cycle: local.a
}
