task "file" "a" "b" { # ERROR: Extraneous label for task
  path = "/a"
}
# NATIVE: a label too many is an argument there
