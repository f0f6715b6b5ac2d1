task "file" "a" {
  path = "/a"
  depends_on = [task.file.a.path] # ERROR: Block address required
}
