task "directory" "app" {
  for_each = toset(["cache", "data", "log"])

  path  = "/srv/app/${each.key}"
  mode  = "0750"
  owner = "www-data"
  group = "www-data"
}

# Only what a task declares may lie in the directory.
task "directory" "sudoers" {
  path  = "/etc/sudoers.d"
  mode  = "0750"
  purge = ["*"]
}

task "file" "sudo_ops" {
  path     = "/etc/sudoers.d/ops"
  content  = "%ops ALL=(ALL:ALL) ALL\n"
  mode     = "0440"
  validate = ["visudo", "-c", "-f", "{{path}}"]
}
