source "git" "infra" {
  url           = "ssh://git@github.com/acme/infra.git"
  branch        = "main"
  poll_interval = "5m"

  auth {
    ssh_key = "/etc/driftless/infra_ed25519"
  }
}

task "terraform" "prod" {
  source    = source.git.infra
  binary    = "terraform"
  interval  = "30m"
  variables = { region = "eu-west-1" }

  # terraform is run with an empty home directory, so say where things are.
  env = {
    AWS_CONFIG_FILE = "/etc/driftless/aws.conf"
    AWS_PROFILE     = "readonly"
  }

  stacks {
    include = ["envs/prod/*"]
  }

  # The autoscaler decides how many there are.
  ignore {
    address    = "module.web.aws_autoscaling_group.this"
    attributes = ["desired_capacity"]
    reason     = "the autoscaler owns it"
    expires    = "2028-01-31"
  }
}
