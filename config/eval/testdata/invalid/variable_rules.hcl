# GIVEN: port=80000
variable "port" { # ERROR: Invalid value for variable: Choose a port below 65536. The condition at
  type = number
  validation {
    condition     = var.port < 65536
    error_message = "Choose a port below 65536."
  }
}

variable "name" {
  default = "x"
  validation {
    condition     = var.nmae != "" # ERROR: Reference to undeclared variable: Did you mean "name"?
    error_message = "Give it a name."
  }
  validation {
    condition     = task.file.a.path != "" # ERROR: Invalid condition: can't refer to blocks
    error_message = "No."
  }
  validation {
    condition     = "perhaps" # ERROR: Invalid condition: A bool is required
    error_message = "No."
  }
  validation { # ERROR: Missing required argument
    condition = true
  }
}

task "file" "a" {
  path = "/a"
}
