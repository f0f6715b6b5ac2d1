variable "port" {
  type = number
}

variable "rule" {
  default = "yes"
  validation {
    condition     = var.rule == "yes"
    error_message = "It has to be yes."
  }
}

output "port" {
  value = upper(var.port, 1) # ERROR: Too many function arguments
}

output "back" {
  value = var.port
}
