# The pattern matches the rotated files too, so that nothing is lost when they
# are rotated while the agent is down.
source "file" "nginx" {
  paths        = ["/var/log/nginx/*.log*"]
  exclude      = ["*.gz"]
  ignore_older = "7d"
}

pipeline "nginx" {
  from = [source.file.nginx]
  to   = [sink.file.archive]
}

sink "file" "archive" {
  path     = "/srv/archive/nginx-%Y-%m-%d.log"
  format   = "raw"
  metadata = false
}
