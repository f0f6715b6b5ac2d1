# Follow a repository of Terraform stacks, and look for drift every 30 minutes.
source "git" "infra" {
  url    = "https://github.com/acme/infra.git"
  branch = "main"
}

task "terraform" "prod" {
  source   = source.git.infra
  interval = "30m"

  stacks {
    include = ["envs/prod/*"]
  }
}

# Keep a file of this host as it is declared here.
task "file" "motd" {
  path    = "/etc/motd"
  content = "This machine is kept by driftless.\n"
  mode    = "0644"
}

# What either of them finds goes to one file, as JSON.
pipeline "drift" {
  from = [task.terraform.prod, task.file.motd]
  to   = [sink.file.drift]
}

sink "file" "drift" {
  path = "/var/log/driftless/drift.json"
}
