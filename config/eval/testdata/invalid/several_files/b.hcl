task "file" "b" {
  path = "b" # ERROR: Invalid value for absolute path
}

task "file" "a" { # ERROR: Duplicate declaration: a.hcl:1,1-16
  path = "/other"
}
