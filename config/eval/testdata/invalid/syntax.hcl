task "file" "a" {
  path = # ERROR: Invalid expression
}
