variable "upstreams" {
  type    = list(string)
  default = ["10.0.0.11:8080", "10.0.0.12:8080"]
}

task "template" "nginx" {
  path   = "/etc/nginx/conf.d/app.conf"
  source = "${path.config}/app.conf.tpl"
  mode   = "0644"

  vars = {
    name      = "app.example.com"
    upstreams = var.upstreams
  }
}
