variable "secret" {
  default   = "hunter2"
  sensitive = true
}

locals {
  a = uper("a") # ERROR: Call to unknown function: Did you mean "upper"?
  b = 1 / 0 # ERROR: Value too large: a number is infinite
  c = parseint(var.secret, 10) # ERROR: Invalid function argument: in its arguments is sensitive
  d = env("DRIFTLESS_NO_SUCH_VARIABLE") # ERROR: Invalid function argument: give a default
  e = jsondecode(sensitive("{x")) # ERROR: Error in function call: in its arguments is sensitive
  f = file("no/such/file") # ERROR: Invalid function argument: no such file
  g = file(path.config) # ERROR: Invalid function argument: is not a regular file
}

task "file" "a" {
  path    = "/a"
  content = [1, 2][5] # ERROR: Invalid index
  vars    = uper(local.b) # ERROR: Call to unknown function: Did you mean "upper"?
  size    = upper() # ERROR: Not enough function arguments
}

task "file" "b" {
  path    = "/b"
  content = local.later
}

task "file" "c" {
  path    = "/c"
  content = "${local.later} again, and it is said only once"
}

locals {
  later = upper(task.file.d.count, task.file.d.path) # ERROR: Too many function arguments
}

task "file" "d" {
  path = "/d"
}
