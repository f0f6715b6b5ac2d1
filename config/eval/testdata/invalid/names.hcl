task "file" "1a" { # ERROR: Invalid name: begins with a letter
  path = "/a"
}

variable "a b" { # ERROR: Invalid name
  default = 1
}

output "c.d" { # ERROR: Invalid name
  value = 1
}
