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

variable "low" { # ERROR: Invalid value for variable: Port 80 is below 1024.
  default = 80
  validation {
    condition     = var.low >= 1024
    error_message = "Port ${var.low} is below 1024."
  }
}

variable "token" { # ERROR: Invalid value for variable: Its error_message isn't shown, because it is sensitive.
  default   = "hunter2"
  sensitive = true
  validation {
    condition     = startswith(var.token, "tok_")
    error_message = "${var.token} is no token."
  }
}

variable "messages" {
  default = 1
  validation {
    condition     = var.messages > 0
    error_message = var.mesages # ERROR: Reference to undeclared variable: Did you mean "messages"?
  }
  validation {
    condition     = var.messages > 0
    error_message = ["no text"] # ERROR: Invalid error message: A text is required
  }
  validation {
    condition     = var.messages > 0
    error_message = "${task.file.a.path} is taken." # ERROR: Invalid condition: and its error_message can't refer to blocks
  }
}
