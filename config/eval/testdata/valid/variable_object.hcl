variable "o" {
  type    = object({ a = string, b = optional(number, 2) })
  default = { a = "x" }
}
output "o" {
  value = var.o.b
}
