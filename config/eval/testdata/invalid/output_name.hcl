output "a b" { # ERROR: Invalid name
  value = 1
}
