variable "a" {
  default = 1
  validation { # ERROR: Missing required argument: error_message
    condition = true
  }
}
