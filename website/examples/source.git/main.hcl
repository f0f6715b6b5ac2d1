# A repository that anybody can read.
source "git" "settings" {
  url    = "https://github.com/acme/settings.git"
  branch = "main"
}

# One that needs a token.
variable "deploy_token" {
  type      = string
  sensitive = true
}

source "git" "infra" {
  url           = "https://git.example.com/acme/infra.git"
  tag           = "v1.4.0"
  poll_interval = "5m"
  depth         = 1

  auth {
    username = "deploy"
    token    = var.deploy_token
  }
}

# The newest release of a series. The forge says when something was pushed.
source "git" "modules" {
  url        = "ssh://git@git.example.com/acme/modules.git"
  tag        = "~> 2.1"
  submodules = true

  webhook {
    provider = "gitlab"
    secret   = secret("WEBHOOK_SECRET")
  }
}

output "commit" {
  value = source.git.infra.commit
}
