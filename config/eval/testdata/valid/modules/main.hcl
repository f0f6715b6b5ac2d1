locals {
  sites = { a = "example.com", b = "example.org" }
}

variable "unused" {
  default = "x"
}

module "web" {
  source   = "./web"
  for_each = local.sites
  name     = each.value
  note     = task.command.date.stdout
}

module "single" {
  source     = "./web"
  name       = upper(module.web["a"].name)
  note       = "none"
  depends_on = [module.web]
}

module "left_out" {
  source = "./web"
  name   = "x"
  note   = "y"
  when   = false
}

task "command" "date" {}

task "file" "all" {
  path       = "/all"
  content    = join(",", [for key, m in module.web : "${key}=${m.path}"])
  depends_on = [module.single.task.file.page, module.web["a"].module.db]
}

task "file" "static" {
  for_each = toset(module.single.names)
  path     = "/static/${each.key}"
  when     = module.left_out == null
}

pipeline "shipped" {
  from = [module.web.task.file.page, module.single.task.file.page]
  to   = [sink.out.s]
}

sink "out" "s" {
  path = "/${module.single.name}"
}

output "pages" {
  value = { for key, m in module.web : key => m.path }
}
