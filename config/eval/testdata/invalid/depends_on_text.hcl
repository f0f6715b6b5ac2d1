task "file" "a" {
  path = "/a"
  depends_on = "task.file.b" # ERROR: List of blocks required
}
