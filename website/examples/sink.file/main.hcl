source "file" "app" {
  paths = ["/var/log/app/*.log*"]
}

pipeline "archive" {
  from = [source.file.app]
  to   = [sink.file.archive]
}

# One file for each day, compressed when it is rotated away.
sink "file" "archive" {
  path        = "/srv/archive/app-%Y-%m-%d.json"
  format      = "json"
  metadata    = true
  compression = "zstd"
  fsync       = true

  rotate {
    max_size  = "256MiB"
    max_files = 30
  }
}
