variable "logs_token" {
  type      = string
  sensitive = true
}

source "file" "app" {
  paths = ["/var/log/app/*.log*"]
}

pipeline "ship" {
  from = [source.file.app]
  to   = [sink.http.logs]
}

sink "http" "logs" {
  url         = "https://logs.example.com/v1/ingest"
  format      = "ndjson"
  metadata    = true
  compression = "zstd"

  auth {
    bearer {
      token = var.logs_token
    }
  }

  batch {
    max_events = 10000
    max_bytes  = "4MiB"
    max_age    = "5s"
  }

  retry {
    delay     = "1s"
    max_delay = "1m"
  }
}
