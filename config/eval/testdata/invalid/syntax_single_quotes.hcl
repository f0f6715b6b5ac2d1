locals {
  a = 'x' # ERROR: Invalid character: Single quotes # ERROR: Invalid expression
}
