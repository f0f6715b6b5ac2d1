locals {
  a = "x # ERROR: Invalid multi-line string # ERROR: Unterminated template string
  y"
}
