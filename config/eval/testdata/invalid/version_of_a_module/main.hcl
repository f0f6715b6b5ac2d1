module "web" {
  source = "./web"
  port   = 80
}

task "file" "a" {
  path    = "/a"
  content = module.web.url
  colour  = "red" # ERROR: Unsupported argument
}

task "file" "b" {
  path       = "/b"
  depends_on = [module.web.task.file.a]
}
