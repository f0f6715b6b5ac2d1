locals {
  a = local.a # ERROR: Cycle: local.a (testdata/invalid/local_itself.hcl:2,7) -> local.a.
}
