task "file" "a" {
  path    = "/a"
  content = "bad" # ERROR: Bad value
  labels = {
    one = "good"
    two = "bad" # ERROR: Bad value
  }
  hosts = [
    { name = "good", port = 1 },
    { name = "bad", port = 1 }, # ERROR: Bad value
  ]
  owner {
    name = "bad" # ERROR: Bad value
  }
  rule {
    name = "good"
  }
  rule {
    name = "bad" # ERROR: Bad value
  }
  entry "first" {
    name = "good"
  }
  entry "second" {
    name = "bad" # ERROR: Bad value
  }
  vars = {
    deep = [{ list = ["good", "bad"] }] # ERROR: Bad value
  }
}

task "file" "each" {
  for_each = toset(["bad", "worse"])
  path     = "/${each.key}"
  content  = each.key # ERROR: Bad value
}

pipeline "p" {
  from = [source.events.e]
  to   = [sink.out.o]
  stage "filter" {
    words = "bad" # ERROR: Bad value
  }
}

source "events" "e" {
  paths = ["bad"] # ERROR: Bad value
}

sink "out" "o" {}
