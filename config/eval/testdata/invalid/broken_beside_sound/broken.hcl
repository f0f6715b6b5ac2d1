variable "v" {
  default = # ERROR: Invalid expression
}
