task "file" "a" {
  path = "/etc/motd"
}

task "file" "b" {
  path = "/etc/../etc/motd" # ERROR: Two tasks own one path: task.file.a already owns /etc/motd, at testdata/invalid/owners.hcl:2,10
}

task "file" "each" {
  for_each = toset(["x", "y"])
  path     = "/same" # ERROR: Two tasks own one path: task.file.each["x"] already owns /same
}
