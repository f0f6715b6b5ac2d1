task "file" "a" {
  path = "/a"
  rules { # ERROR: Unsupported block type
    name = "x"
  }
}
