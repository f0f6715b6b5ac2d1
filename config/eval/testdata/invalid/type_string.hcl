task "file" "a" {
  path = "/a"
  content = {} # ERROR: Incorrect attribute value type: string required
}
