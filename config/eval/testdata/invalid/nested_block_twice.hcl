task "file" "a" {
  path = "/a"
  owner {
    name = "a"
  }
  owner { # ERROR: Duplicate block: owner
    name = "b"
  }
}
