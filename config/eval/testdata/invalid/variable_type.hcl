variable "a" {
  type    = strng # ERROR: Invalid type specification
  default = "x"
}
