task "file" "a" {
  path = "/a"
  labels = { a = [] } # ERROR: Incorrect attribute value type: element "a"
}
