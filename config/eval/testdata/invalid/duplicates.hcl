agent {}
agent {} # ERROR: Duplicate declaration: The agent block is already declared at

variable "v" {
  default = 1
}

variable "v" { # ERROR: Duplicate declaration: The variable v
  default = 2
}

locals {
  l = 1
}

locals {
  l = 2 # ERROR: Duplicate declaration: local.l
}

output "o" {
  value = 1
}

output "o" { # ERROR: Duplicate declaration: The output o
  value = 2
}

task "file" "a" {
  path = "/a"
}

task "file" "a" { # ERROR: Duplicate declaration: task.file.a is already declared at
  path = "/b"
}
