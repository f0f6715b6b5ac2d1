task "file" "a" {
  path = "/a"
  enforcement = "force" # ERROR: Invalid value for choice: "enforce"
}
