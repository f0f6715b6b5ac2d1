variable "a" {
  type    = number
  default = "x" # ERROR: Invalid default value
}
