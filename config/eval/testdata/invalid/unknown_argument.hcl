task "file" "a" {
  path = "/a"
  contnet = "x" # ERROR: Unsupported argument: Did you mean "content"?
}
