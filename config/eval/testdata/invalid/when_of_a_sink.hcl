task "command" "c" {}
sink "out" "o" {
  when = task.command.c.stdout == "x" # ERROR: Invalid when: Only the when of a task
}
