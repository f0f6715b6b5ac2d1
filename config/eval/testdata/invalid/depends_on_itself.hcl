task "file" "a" { # ERROR: Cycle: task.file.a
  path       = "/a"
  depends_on = [task.file.a]
}
