sink "out" "o" { # ERROR: Invalid meta-argument: at least one event
  batch {
    max_events = 0
  }
}
