variable "a" {
  default = var.b # ERROR: Variables not allowed
}
