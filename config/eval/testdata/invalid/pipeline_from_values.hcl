source "events" "e" {
  paths = []
}
sink "out" "o" {}
source "data" "d" {
  url = "https://a.b"
}
pipeline "p" {
  from = [source.data.d] # ERROR: Not a source of events: emits no events
  to   = [sink.out.o]
}
