locals {
  a = local.b # ERROR: Cycle: local.a (testdata/invalid/local_cycle.hcl:2,7) -> local.b (testdata/invalid/local_cycle.hcl:3,7) -> local.c
  b = local.c
  c = local.a
}

task "file" "a" {
  path = local.a
}
