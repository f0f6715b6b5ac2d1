locals {
  n = range(1000)
}

source "events" "e" {
  paths = ["/log"]
}

sink "out" "o" {}

pipeline "p" {
  from = [source.events.e]
  to   = [sink.out.o]

  stage "filter" {
    keep = length([for a in local.n : [for b in local.n : a]]) > 0 # ERROR: Value too large: more than 100,000 elements
  }

  stage "filter" {
    keep = length([for a in local.n : [for b in local.n : event.a]]) > event.b # ERROR: Value too large: more than 100,000 elements
  }

  stage "set" {
    fields = {
      x = length([for a in local.n : [for b in local.n : a]]) # ERROR: Value too large: more than 100,000 elements
      y = event.y
    }
  }
}
