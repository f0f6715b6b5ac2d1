variable "a" {
  default = "/a"
}
