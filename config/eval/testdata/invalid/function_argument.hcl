locals {
  a = upper([]) # ERROR: Invalid function argument
}
