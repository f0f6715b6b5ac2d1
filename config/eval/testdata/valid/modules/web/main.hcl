variable "name" {
  type = string
  validation {
    condition     = length(var.name) > 0
    error_message = "A site has a name."
  }
}

variable "note" {
  sensitive = true
}

locals {
  path = "/srv/${var.name}/index.html"
}

module "db" {
  source = "./db"
  port   = "5432"
}

task "file" "page" {
  path    = "${local.path}${path.module == path.config ? "!" : ""}${module.db.port}"
  content = var.note
}

output "path" {
  value = task.file.page.path
}

output "name" {
  value = var.name
}

output "names" {
  value = [var.name, tostring(module.db.port)]
}
