variable "a" { # ERROR: Invalid value for variable: Too small.
  default = 1
  validation {
    condition     = var.a > 1
    error_message = "Too small."
  }
}
