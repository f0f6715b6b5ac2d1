source "events" "e" {
  paths = []
}
sink "out" "o" {}
pipeline "p" {
  from = [source.events.e]
  to   = [sink.out.o]
  stage "filter" {
    keep = event.a > 1
  }
}
