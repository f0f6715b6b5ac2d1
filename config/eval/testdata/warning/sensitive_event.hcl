pipeline "p" {
  from = [source.events.e]
  to   = [sink.out.o]
  stage "set" {
    fields = { secret = "${event.name}${sensitive("x")}" } # WARNING: Sensitive value not put into events
  }
}

source "events" "e" {
  paths = []
}

sink "out" "o" {}
