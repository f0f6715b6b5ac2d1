task "file" "a" {
  path = "/a"
  interval = "often" # ERROR: Invalid value for duration
}
