# A mistake hides no other mistake of its block.
task "file" "a" {
  path    = "etc/motd" # ERROR: Invalid value for absolute path
  contnet = "x" # ERROR: Unsupported argument: Did you mean "content"?
  mode    = 644 # ERROR: Invalid mode
  size    = upper() # ERROR: Not enough function arguments
}

task "file" "b" {
  content = task.file.a.mode
  every   = "often" # ERROR: Invalid value for duration
  rules { # ERROR: Unsupported block type: Did you mean "rule"?
  }
  when = true
  path = "/b"
}
