task "command" "c" {}
task "file" "a" { # ERROR: Invalid meta-argument
  path    = "/a"
  timeout = task.command.c.stdout
}
