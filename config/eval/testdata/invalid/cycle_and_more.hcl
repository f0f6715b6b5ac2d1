task "file" "a" { # ERROR: Cycle
  path    = "/a"
  content = task.file.b.path
}

task "file" "b" {
  path    = "/b"
  mode    = "644" # ERROR: Invalid value for mode
  content = task.file.a.path
}

task "file" "beside" {
  path  = "motd" # ERROR: Invalid value for absolute path
  state = "presnet" # ERROR: Invalid value for choice
}
