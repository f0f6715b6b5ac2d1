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

output "commit" {
  value = source.git.infra.commit
}
