task "file" "a" {
  path = "/a"
  entry "k" {
    name = "a"
  }
  entry "k" { # ERROR: Duplicate block: entry "k"
    name = "b"
  }
}
