task "file" "a" {
  path = "/a"
}

task "file" "each" {
  for_each = toset(["x"])
  path     = "/each/${each.key}"
}

sink "out" "o" {
  triggered_by = [task.file.a] # ERROR: Invalid triggered_by: Only a task can be triggered
}

task "command" "by_sink" {
  command      = ["true"]
  triggered_by = [sink.out.o] # ERROR: Invalid triggered_by: belongs into depends_on
}

task "command" "by_none" {
  command      = ["true"]
  triggered_by = [task.file.b] # ERROR: Reference to undeclared block: Did you mean "task.file.a"?
}

task "command" "by_attribute" {
  command      = ["true"]
  triggered_by = [task.file.a.checksum] # ERROR: Block address required
}

task "command" "by_no_key" {
  command      = ["true"]
  triggered_by = [task.file.each["y"]] # ERROR: Invalid index
}

task "command" "by_no_list" {
  command      = ["true"]
  triggered_by = task.file.a # ERROR: List of blocks required
}

task "file" "shared" {
  path         = "/a/shared" # ERROR: Triggered task on a shared path: is also the path of task.edit.e
  triggered_by = [task.file.a]
}

task "edit" "e" {
  path = "/a/shared"
  where {}
}
