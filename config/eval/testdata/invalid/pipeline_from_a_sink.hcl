source "events" "e" {
  paths = []
}
sink "out" "o" {}
pipeline "p" {
  from = [sink.out.o] # ERROR: Not a source of events
  to   = [sink.out.o]
}
