source "events" "e" {
  paths = []
}
sink "out" "o" {}
pipeline "p" {
  from = [source.events.e]
  to   = [sink.out.o]
  stage "fliter" {} # ERROR: Unknown type: Did you mean "filter"?
}
