module "web" {
  source = "./web"
  name   = "w"
}

module "missing" { # ERROR: Missing required argument: "name"
  source = "./web"
}

module "nowhere" {
  source = "./nowhere" # ERROR: Module not found: There is no directory
}

module "registry" {
  source = "terraform-aws-modules/vpc/aws" # ERROR: Unsupported module source: Begin it with ./
}

module "loop" {
  source = "./loop"
}

module "agent" {
  source = "./agent"
}

module "web" { # ERROR: Duplicate declaration: module.web
  source = "./web"
}

module "many" {
  source   = "./web"
  for_each = ["a"] # ERROR: Invalid for_each: toset()
  name     = each.key
}

module "late" {
  source = "./web"
  name   = "late"
  when   = task.command.c.stdout == "" # ERROR: Invalid when: Only the when of a task
}

module "itself" { # ERROR: Cycle: How many instances module.itself has
  source   = "./web"
  for_each = toset([module.itself.name])
  name     = "x"
}

module "each" {
  source   = "./web"
  for_each = toset(["a", "b"])
  name     = each.key
}

module "block" {
  source = "./web"
  name   = "block"
  stage "x" {} # ERROR: Unexpected "stage" block
}

task "command" "c" {}

task "file" "a" {
  path       = module.each.name        # ERROR: Missing key of an instance: module.each["key"].name
  content    = module.each["c"].name   # ERROR: Invalid index: no instance with the key "c"
  size       = module.web["a"].name    # ERROR: Invalid index: has no for_each
  depends_on = [module.web.task.file.a]
}

module "tagged" {
  source = "./web"
  name   = "tagged"
  tags   = [task.command.c.stdout] # ERROR: Invalid meta-argument: Other blocks can't be referred to in "tags"
}

module "two_words" {
  source = "./web"
  name   = "two_words"
  tags   = ["two words"] # ERROR: Invalid meta-argument: a tag is a word without spaces
}

module "secret_tag" {
  source = "./web"
  name   = "secret_tag"
  tags   = [sensitive("hunter2")] # ERROR: Invalid meta-argument: A tag can't be sensitive
}

module "reserved" {
  source = "./reserved"
}

task "command" "secret_tag" { # ERROR: Invalid meta-argument: A tag can't be sensitive
  tags = [sensitive("hunter2")]
}

task "command" "triggered" {
  triggered_by = [module.web] # ERROR: Invalid triggered_by: Name those of the module, as in module.web.task.TYPE.NAME.
}

pipeline "p" {
  from = [module.web] # ERROR: Not a source of events: module.web is a module
  to   = [module.web] # ERROR: Not a sink: module.web is a module
}
