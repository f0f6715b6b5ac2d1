task "file" "a" {
  path       = "/a"
  depends_on = [task.file.b, "task.file.c", task.file, task.file.d.path] # ERROR: Block address required # ERROR: Block address required # ERROR: Block address required
}

task "file" "e" {
  path       = "/e"
  depends_on = task.file.a # ERROR: List of blocks required: Write a list of addresses
}

task "file" "f" {
  path       = "/f"
  depends_on = [task.file.nowhere] # ERROR: Reference to undeclared block
}

task "file" "b" {
  path = "/b"
}
