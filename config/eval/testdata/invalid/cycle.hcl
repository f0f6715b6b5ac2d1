task "file" "a" { # ERROR: Cycle: task.file.a (testdata/invalid/cycle.hcl:1,1) -> task.file.c (testdata/invalid/cycle.hcl:11,1) -> task.file.b
  path    = "/a"
  content = local.c
}

task "file" "b" {
  path       = "/b"
  depends_on = [task.file.a]
}

task "file" "c" {
  path    = "/c"
  content = task.file.b.checksum
}

locals {
  c = task.file.c.checksum
}
