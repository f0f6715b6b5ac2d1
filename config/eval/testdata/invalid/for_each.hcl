variable "secret" {
  default   = "s"
  sensitive = true
}

task "file" "list" {
  for_each = ["a", "b"] # ERROR: Invalid for_each: toset()
  path     = "/${each.key}"
}

task "file" "number" {
  for_each = 3 # ERROR: Invalid for_each: not a number
  path     = "/a"
}

task "file" "null" {
  for_each = null # ERROR: Invalid for_each: The value is null
  path     = "/b"
}

task "file" "secret" {
  for_each = toset([var.secret]) # ERROR: Invalid for_each: sensitive
  path     = "/c"
}

task "file" "later" {
  for_each = toset([task.file.null.path]) # ERROR: Invalid for_each: It refers to task.
  path     = "/d"
}

task "file" "self" {
  for_each = toset([each.key]) # ERROR: Reference to each without for_each
  path     = "/e"
}

task "file" "nothing" {
  for_each = toset([null]) # ERROR: Invalid for_each
  path     = "/f"
}

task "file" "empty" { // its expressions are checked although it has no instances
  for_each = {}
  path     = task.file.nowhere.path # ERROR: Reference to undeclared block
}
