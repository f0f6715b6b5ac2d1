source "events" "e" {
  paths = []
}
sink "out" "o" {}
pipeline "p" {
  from = [source.events.e]
  to   = [sink.out.o]
  stage "filter" {
    kep = event.a # ERROR: Unsupported argument: Did you mean "keep"?
  }
}
