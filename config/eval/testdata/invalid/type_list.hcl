task "file" "a" {
  path = "/a"
  hosts = { name = "a" } # ERROR: Incorrect attribute value type
}
