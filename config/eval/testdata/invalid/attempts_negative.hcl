sink "out" "o" { # ERROR: Invalid meta-argument: negative
  retry {
    attempts = -1
  }
}
