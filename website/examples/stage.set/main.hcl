variable "environment" {
  type    = string
  default = "production"
}

source "file" "app" {
  paths = ["/var/log/app/app.json*"]
}

pipeline "app" {
  from = [source.file.app]

  stage "parse" {
    format = "json"
  }

  stage "set" {
    fields = {
      environment = var.environment
      user        = lower(event.user)
      failed      = event.status >= 500
      password    = null # takes the field away
    }
  }

  to = [sink.console.out]
}

sink "console" "out" {
  format = "json"
}
