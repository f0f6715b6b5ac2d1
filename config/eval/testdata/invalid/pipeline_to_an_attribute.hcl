source "events" "e" {
  paths = []
}
sink "out" "o" {}
pipeline "p" {
  from = [source.events.e]
  to   = [sink.out.o.path] # ERROR: Block address required
}
