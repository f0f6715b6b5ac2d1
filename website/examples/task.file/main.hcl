# A file whose content is written here.
task "file" "sshd_hardening" {
  path     = "/etc/ssh/sshd_config.d/10-hardening.conf"
  content  = <<-EOT
    PermitRootLogin no
    PasswordAuthentication no
  EOT
  mode     = "0600"
  owner    = "root"
  group    = "root"
  validate = ["sshd", "-t", "-f", "{{path}}"]
}

# A file that is taken from a repository, and follows it.
source "git" "settings" {
  url = "https://github.com/acme/settings.git"
}

task "file" "resolver" {
  path   = "/etc/resolv.conf"
  source = "${source.git.settings.path}/resolv.conf"
  backup = true
}

# A file that must not be there.
task "file" "nologin" {
  path  = "/etc/nologin"
  state = "absent"
}
