source "agent" "log" {
  level = "warn"
}

pipeline "agent" {
  from = [source.agent.log]
  to   = [sink.file.agent]
}

sink "file" "agent" {
  path = "/var/log/driftless/agent.json"

  rotate {
    max_size  = "16MiB"
    max_files = 4
  }
}
