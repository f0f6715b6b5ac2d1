task "file" { # ERROR: Missing name for task
  path = "/a"
}
# NATIVE: labels that are missing are read as arguments there
