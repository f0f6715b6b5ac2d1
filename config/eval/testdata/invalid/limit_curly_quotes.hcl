locals {
  a = “x” # ERROR: Invalid character: Curly quotes # ERROR: Invalid character: Curly quotes # ERROR: Invalid expression
}
