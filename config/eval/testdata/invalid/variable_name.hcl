variable "1a" { # ERROR: Invalid name
  default = 1
}
