locals {
  a = [1][1] # ERROR: Invalid index
}
