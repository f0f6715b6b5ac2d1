task "file" "a" { # ERROR: Cycle: task.file.a
  path    = "/a"
  content = task.file.a.path
}
