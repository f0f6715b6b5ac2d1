# GIVEN: a=x
variable "a" { # ERROR: Invalid value for variable: -var a
  type = number
}
