driftless {
  required_version = ">= 0.1"
}

agent {
  listen   = "127.0.0.1:0"
  data_dir = "/var/lib/${local.name}"
  defaults {
    task_interval = "1h"
  }
}

variable "hosts" {
  type = map(object({ port = number, tls = optional(bool, true) }))
  default = {
    a = { port = 1 }
    b = { port = 2, tls = false }
  }
  validation {
    condition     = length([for h in var.hosts : h if h.port <= 0]) == 0
    error_message = "Ports are positive."
  }
}

locals {
  name    = "driftless"
  dynamic = { commit = source.data.code.commit, name = local.name }
  twice   = "${local.dynamic.commit} ${local.dynamic.name}"
}

source "data" "code" {
  url = "https://127.0.0.1/code.git"
  auth {
    user     = "u"
    password = "one"
  }
}

task "file" "each" {
  for_each    = var.hosts
  path        = "/etc/${each.key}"
  count       = each.value.port
  content     = local.twice
  enforcement = each.value.tls ? "enforce" : "detect"
  depends_on  = [task.drift.d]
}

task "file" "one" {
  path    = "/etc/${task.file.each["a"].count}"
  content = join(",", [for k, f in task.file.each : f.checksum])
  vars    = { any = [1, "a", null], file = task.file.each["b"] }
  labels  = {}
  owner {
    name = "root"
  }
  rule {
    name = "r1"
  }
  rule {
    name = "r2"
    mode = "0644"
  }
  entry "e" {
    name = "x"
  }
}

task "file" "left_out" {
  path = "/etc/one" // the same path as another's would be, were it there
  when = local.name == "something else"
}

task "file" "conditional" {
  path = "/etc/conditional"
  when = task.command.c.stdout == "yes"
}

task "command" "c" {
  command     = ["true"]
  failed_when = self.stdout != local.name
}

task "drift" "d" {
  interval  = "5m"
  on_error  = "continue"
  sensitive = true
}

task "command" "triggered" {
  for_each     = toset(["x", "y"])
  command      = ["true", each.key]
  triggered_by = [task.file.each, task.file.one, task.file.left_out]
  retry {
    attempts  = 5
    delay     = "2s"
    max_delay = "1m"
    until     = self.stdout == each.key && local.dynamic.name != ""
  }
  precondition {
    condition     = each.key != "z" && task.file.one.checksum != ""
    error_message = "There is no ${each.key} at ${source.data.code.commit}."
  }
  precondition {
    condition     = false // judged only when it is triggered
    error_message = "Never."
  }
  postcondition {
    condition     = self.stdout == local.twice
    error_message = "It said ${self.stdout}."
  }
}

task "edit" "e" {
  path     = "/etc/a"
  schedule = "CRON_TZ=UTC */30 8-18 * * mon-fri"
  where {}
}

collector "load" "l" {
  interval = "10s"
}

source "events" "e" {
  for_each = toset(["x", "y"])
  paths    = ["/var/log/${each.key}/**/*.log"]
}

pipeline "p" {
  from = [source.events.e, task.file.each["a"], collector.load.l]
  to   = [sink.out.o]
  stage "filter" {
    keep  = event.status >= 400 && event.host == local.name
    words = upper(local.name)
  }
  stage "set" {
    fields = { code = task.file.one.checksum, name = lower(event.name) }
  }
}

sink "out" "o" {
  timeout = "5s"
  batch {
    max_events = 10
  }
  retry {
    attempts = 3
  }
}

output "commit" {
  value     = source.data.code.token
  sensitive = true
}
