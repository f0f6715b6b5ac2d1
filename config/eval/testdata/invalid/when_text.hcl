task "file" "a" {
  path = "/a"
  when = "perhaps" # ERROR: Invalid condition
}
