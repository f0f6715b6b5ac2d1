tsak "file" "a" { # ERROR: Unsupported block type: Did you mean "task"?
  path = "/a"
}

task "file" { # ERROR: Missing name for task
  path = "/a"
}
# NATIVE: labels that are missing are read as arguments there
