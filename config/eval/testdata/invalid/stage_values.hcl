pipeline "p" {
  from = [source.events.e]
  to   = [sink.out.o]
  stage "filter" {
    keep  = uper(event.name) == "A" # ERROR: Call to unknown function
    words = upper() # ERROR: Not enough function arguments
  }
}

source "events" "e" {
  paths = []
}

sink "out" "o" {}
