# GIVEN: a=["x"]
variable "a" {
  type = list(string)
}
