task "file" "a" {
  path = "/a"
  when = null # ERROR: Invalid condition
}
