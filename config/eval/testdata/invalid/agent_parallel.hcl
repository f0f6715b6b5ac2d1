agent { # ERROR: Invalid agent settings: max_parallel must be at least 1
  max_parallel = 0
}
