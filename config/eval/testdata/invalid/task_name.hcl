task "file" "a.b" { # ERROR: Invalid name
  path = "/a"
}
