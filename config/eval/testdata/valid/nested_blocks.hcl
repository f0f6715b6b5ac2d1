task "file" "a" {
  path = "/a"
  rule {
    name = "x"
  }
  rule {
    name = "y"
  }
  entry "k" {
    name = "z"
  }
}
