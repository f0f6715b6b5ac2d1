variable "region" {
  default = "eu"
}

locals {
  greeting = "hello"
  unused   = task.file.nowhere.path # ERROR: Reference to undeclared block
  typo     = var.reigon # ERROR: Reference to undeclared variable: Did you mean "region"?
}

task "file" "motd" {
  path    = "/etc/motd"
  content = task.file.mots.path # ERROR: Reference to undeclared block: Did you mean "task.file.motd"?
  size    = var.reigon # ERROR: Reference to undeclared variable: Did you mean "region"?
  pattern = local.greting # ERROR: Reference to undeclared local: Did you mean "greeting"?
  every   = path.home # ERROR: Reference to undeclared path
  labels  = { a = var } # ERROR: Incomplete reference: var.NAME
  mode    = self.rc # ERROR: Invalid reference to self
  count   = event.status # ERROR: Reference to event outside of a stage
  vars    = [each.key, local, tsk.file.x] # ERROR: Reference to each without for_each # ERROR: Incomplete reference: local.NAME # ERROR: Unknown name: Did you mean "task"?
}

task "file" "other" {
  path    = source.data # ERROR: Incomplete reference: source.TYPE.NAME
  content = task.file.motd.chekcsum # ERROR: Unsupported attribute: Did you mean "checksum"?
  mode    = task.file.motd["a"].mode # ERROR: Invalid index: has no for_each
  size    = task.file.motd[0].size # ERROR: Invalid index: has no for_each
  pattern = task.file.many.mode # ERROR: Missing key of an instance: task.file.many["key"].mode
  every   = task.file.many["on"].every # ERROR: Invalid index: Did you mean "one"?
  count   = task.file.many[0].count # ERROR: Invalid index: told apart by strings
  body    = "${each.value} ${pipeline}" # WARNING: Deprecated argument # ERROR: Reference to each without for_each # ERROR: Incomplete reference: pipeline.NAME
}

task "file" "many" {
  for_each = toset(["one"])
  path     = "/${each.key}"
  content  = each.vlaue # ERROR: Reference to undeclared each: Did you mean "value"?
}

output "o" {
  value = task.file.motd.nothing # ERROR: Unsupported attribute
}
