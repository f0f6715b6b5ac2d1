locals {
  a = "x" ? 1 : 2 # ERROR: Incorrect condition type
}
