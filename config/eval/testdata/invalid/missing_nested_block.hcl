task "edit" "a" { # ERROR: Missing block: where
  path = "/a"
}
