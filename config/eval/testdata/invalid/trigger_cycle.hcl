task "command" "one" { # ERROR: Cycle: task.command.two
  command      = ["true"]
  triggered_by = [task.command.two]
}

task "command" "two" {
  command      = ["true"]
  triggered_by = [task.command.one]
}
