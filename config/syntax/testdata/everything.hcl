agent {
  listen = "127.0.0.1:8000"
  limits { memory = 64 }
}
locals {
  yes     = "yes"
  when    = "2027-01-01"
  clock   = "07:32:00"
}
pipeline "web" {
  stage "parse" { format = "json" }
  stage "set" {
    fields = { env = var.env, nested = { list = [1, var.port, { deep = true }] } }
  }
  stage "parse" { format = "logfmt" }
}
task "file" "motd" {
  path    = "/etc/motd"
  content = "Hello ${upper(var.env)}!\n\t\"quoted\" \\ é 😀\n"
  mode    = "0644"
  port    = var.port + 1
  ratio   = -1.5e3
  huge    = 123456789012345678901234567890123456789
  force   = true
  nothing = []
  args    = ["-c", var.env, 3, false]
  env     = { "${var.env}_KEY" = "$${literal}", "b c" = "%{ if true }x%{ endif }" }
  ignore { address = "a" }
  ignore { address = "b" }
}
task "file" "other" { path = "x" }
task "service" "nginx" {
  path = ""
  ignore { address = var.list[1] }
}
