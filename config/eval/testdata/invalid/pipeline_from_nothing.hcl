source "events" "e" {
  paths = []
}
sink "out" "o" {}
pipeline "p" {
  from = [] # ERROR: List of blocks required: at least one
  to   = [sink.out.o]
}
