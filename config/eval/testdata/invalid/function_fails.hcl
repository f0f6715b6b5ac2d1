locals {
  a = tonumber("x") # ERROR: Invalid function argument
}
