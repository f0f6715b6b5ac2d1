# What isn't there may be in the other file, so it isn't reported.
task "file" "a" {
  path    = "a" # ERROR: Invalid value for absolute path
}

task "file" "b" {
  path    = "/b"
  content = var.v
  mode    = "0644"
}

task "file" "c" {
  path    = "/c"
  content = task.file.elsewhere.content
}
