locals {
  a = <<E
x
E
}
