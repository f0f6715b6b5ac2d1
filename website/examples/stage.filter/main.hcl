source "file" "app" {
  paths = ["/var/log/app/app.json*"]
}

pipeline "problems" {
  from = [source.file.app]

  # Cheap, and before anything is parsed: the health checks.
  stage "filter" {
    exclude = ["GET /healthz"]
  }

  stage "parse" {
    format = "json"
  }

  stage "filter" {
    keep = event.status >= 500 || event.level == "error"
  }

  to = [sink.console.out]
}

sink "console" "out" {
  format = "json"
}
