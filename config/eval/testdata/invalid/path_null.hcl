task "file" "a" {
  path = null # ERROR: Missing value: may not be null
}
