task "file" "a" {
  path = "/a"
  rule { # ERROR: Missing required argument: "name"
  }
}
