task "drift" "a" { # ERROR: Unsupported enforcement
  enforcement = "enforce"
}
