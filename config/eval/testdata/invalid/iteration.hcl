locals {
  a = [for x in 1 : x] # ERROR: Iteration over non-iterable value
}
