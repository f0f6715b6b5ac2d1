source "agent" "log" {}

pipeline "show" {
  from = [source.agent.log]
  to   = [sink.console.out]
}

sink "console" "out" {
  target = "stderr"
  format = "logfmt"
}
