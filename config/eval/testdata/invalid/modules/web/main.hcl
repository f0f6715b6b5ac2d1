variable "name" {}

task "file" "a" {
  path = "/${var.name}"
}

output "name" {
  value = var.name
}
