task "file" "a" {
  path = "/a"
  every = "5 minuts" # ERROR: Invalid value for duration
}
