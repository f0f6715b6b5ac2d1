variable "secret" {
  default   = "hunter2"
  sensitive = true
}

task "file" "a" {
  path    = "motd" # ERROR: Invalid value for absolute path: "motd" is not an absolute path
  mode    = "644" # ERROR: Invalid value for mode: four octal digits
  state   = "presnet" # ERROR: Invalid value for choice: Did you mean "present"?
  size    = "big" # ERROR: Invalid value for size
  every   = "often" # ERROR: Invalid value for duration
  pattern = "(" # ERROR: Invalid value for regexp: missing closing
  count   = "x" # ERROR: Incorrect attribute value type: a number is required
  labels  = ["a"] # ERROR: Incorrect attribute value type: map of string required
  hosts   = [{ name = "a", port = 1 }, { name = "b", port = "x" }] # ERROR: Incorrect attribute value type: element 1: port: a number is required
}

task "file" "b" {
  path  = null # ERROR: Missing value: may not be null
  mode  = 0644 # ERROR: Invalid mode: Write the mode in quotes
  state = var.secret # ERROR: Invalid value for choice: The value isn't shown
}

task "file" "c" {
  path = "/c"
  rule {
    name = "a"
    mode = "7" # ERROR: Invalid value for mode
  }
}

source "data" "d" {
  url = "example.com/x" # ERROR: Invalid value for url: is not a URL
  auth {
    user     = "u"
    password = "three" # ERROR: Invalid value for choice: because it is sensitive
  }
}

source "events" "e" {
  paths = ["/ok/*.log", "/var/log/[a"] # ERROR: Invalid value for glob: a bracket or brace isn't closed
}
