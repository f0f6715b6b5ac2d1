task "file" "a" {
  path = "/a"
  body = "x" # WARNING: Deprecated argument: Use content.
}
