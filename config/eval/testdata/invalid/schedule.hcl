task "file" "seconds" {
  path     = "/a"
  schedule = "0 0 3 * * *" # ERROR: Invalid value for schedule: has 6 fields
}

task "file" "never" {
  path     = "/b"
  schedule = "0 3 30 feb *" # ERROR: Invalid value for schedule: is never due
}

task "file" "both" { # ERROR: Invalid meta-argument: remove interval or schedule
  path     = "/c"
  schedule = "@daily"
  interval = "1h"
}

task "file" "misspelt" {
  path     = "/etc/misspelt"
  schedule = "@dayly" # ERROR: Invalid value for schedule: did you mean "@daily"?
}
