variable "port" {
  type = number
}

task "file" "conf" {
  path    = "/etc/db"
  content = var.port + 1
  when    = var.port > 6000
}

output "port" {
  value = var.port
}
