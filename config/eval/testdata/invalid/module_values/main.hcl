task "command" "c" {}

module "port" {
  source = "./port"
  port   = "high" # ERROR: Invalid value for variable: a number is required
  rule   = "no"   # ERROR: Invalid value for variable: It has to be yes.
}

module "undeclared" {
  source = "./port"
  port   = task.file.nothing.path # ERROR: Reference to undeclared block: task.file.nothing
  rule   = "yes"
}

module "nothing" {
  source     = "./port"
  prot       = 1 # ERROR: Unsupported argument: Did you mean "port"?
  port       = 1
  depends_on = [
    module.nothign,   # ERROR: Reference to undeclared module: Did you mean "nothing"?
    task.file.nothing,             # ERROR: Reference to undeclared block
    module.nothing.task.file.a,    # ERROR: Reference to undeclared block: task.file.a
    module.nothing.port,           # ERROR: Block address required
    module.each["c"],              # ERROR: Invalid index: no instance with the key "c"
  ]
}

task "file" "a" {
  path    = "/a"
  content = module.nothign.port # ERROR: Reference to undeclared module: Did you mean "nothing"?
  size    = module.nothing.prot # ERROR: Unsupported attribute: Did you mean "port"?
}

locals {
  a = module.round.back # ERROR: Cycle
}

module "round" {
  source = "./port"
  port   = local.a
}

module "each" {
  source   = "./port"
  for_each = toset(["a", "b"])
  port     = 1
}
