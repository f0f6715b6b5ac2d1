locals {
  id = uuid()
}

agent { # ERROR: Invalid agent settings
  listen = "127.0.0.1:${length(timestamp())}"
}

task "file" "each" {
  for_each = toset([uuid()]) # ERROR: Invalid for_each: It calls timestamp
  path     = "/${each.key}"
}

task "file" "local" {
  for_each = toset([local.id]) # ERROR: Invalid for_each
  path     = "/${each.key}"
}

# ERROR+1: Invalid meta-argument
task "file" "meta" {
  timeout = "${length(uuid())}s"
  path    = "/meta"
}

sink "out" "o" {
  when = timestamp() != "" # ERROR: Invalid when: on the time of a run
}
