task "command" "c" {}
variable "a" {
  default = 1
  validation {
    condition     = task.command.c.stdout == "x" # ERROR: Invalid condition: can't refer to blocks
    error_message = "No."
  }
}
