# The configuration of driftless agent -dev: all five kinds of blocks.

agent {
  listen   = "@LISTEN@"
  data_dir = "@DIR@/data"

  defaults {
    task_interval    = "1m"
    collect_interval = "15s"
  }
}

# Where things come from: a repository, and the agent's own log.

source "git" "infra" {
  url           = "@DIR@/infra"
  branch        = "main"
  poll_interval = "10s"
}

source "agent" "log" {}

# What should be so.

task "terraform" "infra" {
  source = source.git.infra

  stacks {
    include = ["*"]
  }
}

task "file" "motd" {
  path        = "@DIR@/motd"
  content     = "This machine is kept by driftless.\n"
  enforcement = "detect"
}

# What is measured.

collector "host" "this" {}

# Where it goes.

pipeline "log" {
  from = [source.agent.log, task.terraform.infra, task.file.motd]

  stage "set" {
    fields = { demo = true }
  }

  to = [sink.file.log]
}

sink "file" "log" {
  path   = "@DIR@/agent.log"
  format = "json"
}
