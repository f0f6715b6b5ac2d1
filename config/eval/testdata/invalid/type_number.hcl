task "file" "a" {
  path = "/a"
  count = "many" # ERROR: Incorrect attribute value type: a number is required
}
