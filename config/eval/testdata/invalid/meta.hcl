task "drift" "a" { # ERROR: Unsupported enforcement: can only detect
  enforcement = "enforce"
}

task "drift" "b" {
  enforcement = "enforced" # ERROR: Invalid value for choice: Did you mean "enforce"?
  interval    = "often" # ERROR: Invalid value for duration
}

task "drift" "c" { # ERROR: Invalid meta-argument: must be known when the configuration is loaded
  timeout = task.command.x.stdout
}

task "drift" "d" {
  timeout = var.nothing # ERROR: Reference to undeclared variable
}

sink "out" "a" { # ERROR: Invalid meta-argument: 1.5 is not a whole number
  batch {
    max_events = 1.5
  }
}

sink "out" "b" { # ERROR: Invalid meta-argument: set max_events to 1 or more
  batch {
    max_events = 0
  }
}

sink "out" "c" { # ERROR: Invalid meta-argument: set attempts to 0 for any number
  retry {
    attempts = -1
  }
}

task "command" "x" {
  command = ["true"]
}

task "command" "tagged" { # ERROR: Invalid meta-argument: "a,b" is no tag
  command = ["true"]
  tags    = ["a,b"]
}

source "data" "tagged" { # ERROR: Invalid meta-argument: Other blocks can't be referred to in "tags"
  url  = "https://example.com"
  tags = [task.command.x.stdout]
}
