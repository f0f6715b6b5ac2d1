source "events" "e" {
  paths = []
}
sink "out" "o" {}
pipeline "p" {
  from = [source.events.e]
  to   = [source.events.e] # ERROR: Not a sink
}
