task "file" "c" {
  path    = task.file.bb.path # ERROR: Reference to undeclared block: Did you mean "task.file.b"?
  content = var.x # ERROR: Reference to undeclared variable
}
