# GIVEN: number=many
# GIVEN: list=["a",
# GIVEN: secret=hunter2
variable "needed" { # ERROR: No value for required variable: -var needed=...
  type = string
}

variable "number" { # ERROR: Invalid value for variable: a number is required
  type = number
}

variable "list" { # ERROR: Invalid value for variable: -var list gives
  type = list(string)
}

variable "secret" { # ERROR: Invalid value for variable: because the variable is sensitive
  type      = bool
  sensitive = true
}

variable "region" {
  default = "eu"
}

variable "fallback" {
  type    = number
  default = "many" # ERROR: Invalid default value: a number is required
}

variable "call" {
  default = file("x") # ERROR: Call to unknown function
}

variable "odd" {
  default = 1
  type    = strin # ERROR: Invalid type specification
}

variable "extra" {
  descripton = "d" # ERROR: Unsupported argument: Did you mean "description"?
  default    = 1
}
