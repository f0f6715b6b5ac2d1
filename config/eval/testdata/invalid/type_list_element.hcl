task "file" "a" {
  path = "/a"
  hosts = [{ name = "a", port = "x" }] # ERROR: Incorrect attribute value type: element 0
}
