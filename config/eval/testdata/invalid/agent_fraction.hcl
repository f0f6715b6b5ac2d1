agent { # ERROR: Invalid agent settings: 1.5 is not a whole number
  max_parallel = 1.5
}
