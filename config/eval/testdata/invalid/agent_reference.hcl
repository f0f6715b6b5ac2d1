agent { # ERROR: Invalid agent settings: can't refer to blocks
  data_dir = task.file.a.path
}

task "file" "a" {
  path = "/a"
}
