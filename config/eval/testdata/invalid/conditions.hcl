# NATIVE: elsewhere a block that isn't known is taken for an argument
variable "port" {
  default = 80
}

variable "token" {
  default   = "secret"
  sensitive = true
}

task "command" "c" {
  command = ["true"]
}

task "file" "low" {
  path = "/low"
  precondition {
    condition     = var.port > 1024 # ERROR: Precondition failed: Port 80 is below 1024.
    error_message = "Port ${var.port} is below 1024."
  }
  precondition {
    condition     = var.token == "" # ERROR: Precondition failed: because it is sensitive
    error_message = "The token is ${var.token}."
  }
}

task "file" "after" {
  path = "/after"
  postcondition {
    condition     = var.port == 81 # ERROR: Postcondition failed: Not 81.
    error_message = "Not 81."
  }
  postcondition {
    condition     = self.checksun != "" # ERROR: Unsupported attribute: checksun
    error_message = "No checksum."
  }
  postcondition {
    condition     = self.checksum # ERROR: Invalid condition: A bool is required
    error_message = "Not ${self.checksum}."
  }
}

task "file" "incomplete" {
  path = "/incomplete"
  precondition { # ERROR: Missing required argument: error_message
    condition = task.command.c.stdout == ""
  }
  postcondition { # ERROR: Missing required argument: condition
    error_message = "Nothing."
  }
}

task "file" "early_self" {
  path = "/early_self"
  precondition {
    condition     = self.checksum != "" # ERROR: Invalid reference to self: about what it has learnt
    error_message = "None."
  }
}

task "file" "names" {
  path = "/names"
  precondition {
    condition     = task.command.x.stdout == "" # ERROR: Reference to undeclared block: Did you mean "task.command.c"?
    error_message = "None."
  }
}

task "file" "wordless" {
  path = "/wordless"
  precondition {
    condition     = task.command.c.stdout == ""
    error_message = "" # ERROR: Invalid error message: A text is required
  }
}

task "file" "no_text" {
  path = "/no_text"
  postcondition {
    condition     = self.checksum == ""
    error_message = ["no", "text"] # ERROR: Invalid error message: A text is required
  }
}

task "file" "texts" {
  path = "/texts"
  precondition {
    condition     = "true" # ERROR: Invalid condition: A bool is required
    error_message = "A text is no bool."
  }
}

task "command" "until" {
  command = ["true"]
  retry {
    until = self.stdout # ERROR: Invalid condition: as in self.rc == 0
  }
}

task "command" "until_what" {
  command = ["true"]
  retry {
    until = self.out == "" # ERROR: Unsupported attribute
  }
}

task "command" "never" { # ERROR: Invalid meta-argument: set attempts to 1 or more
  command = ["true"]
  retry {
    attempts = 0
  }
}

task "command" "twice" {
  command = ["true"]
  retry {}
  retry {} # ERROR: Duplicate block
}

task "command" "when_to_fail" {
  command  = ["true"]
  on_error = "ignore" # ERROR: Invalid value for choice: not one of "fail", "continue"
}

sink "out" "o" {
  precondition { # ERROR: Unsupported block type
    condition     = true
    error_message = "Only tasks have conditions."
  }
}
