task "file" "a" {
  path = "/a"
  when = "perhaps" # ERROR: Invalid condition
}

task "file" "b" {
  for_each = toset(["x", "y", "z"])
  path     = "/b/${each.key}"
  when     = var.missing # ERROR: Reference to undeclared variable
}

sink "out" "a" {
  when = task.file.a.checksum != "" # ERROR: Invalid when: Only the when of a task
}
