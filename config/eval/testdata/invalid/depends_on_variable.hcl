task "file" "a" {
  path = "/a"
  depends_on = [var.a] # ERROR: Block address required
}
