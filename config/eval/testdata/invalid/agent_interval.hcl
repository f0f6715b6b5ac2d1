agent {
  defaults {
    task_interval = "soon" # ERROR: Invalid value for duration
  }
}
