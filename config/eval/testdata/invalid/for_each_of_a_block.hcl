task "command" "c" {}
task "file" "a" {
  for_each = toset([task.command.c.stdout]) # ERROR: Invalid for_each: It refers to task.
  path     = "/${each.key}"
}
