variable "tags" { # ERROR: Reserved variable name: "tags" is an argument of module blocks
  default = []
}
