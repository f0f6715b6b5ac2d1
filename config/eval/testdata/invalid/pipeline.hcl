pipeline "empty" { # ERROR: Missing required argument # ERROR: Missing required argument
}

pipeline "nobody" {
  from = [] # ERROR: List of blocks required: at least one block in "from"
  to   = [] # ERROR: List of blocks required: at least one block in "to"
}

pipeline "wrong" {
  from = [source.data.d, sink.out.o, source.events.nowhere] # ERROR: Not a source of events: has values and emits no events # ERROR: Not a source of events: sink.out.o is a sink # ERROR: Reference to undeclared block
  to   = [source.events.e, sink.out.nowhere] # ERROR: Not a sink: source.events.e is a source # ERROR: Reference to undeclared block
}

pipeline "twice" {
  from = [source.events.e, source.events.e] # ERROR: Duplicate reference
  to   = [sink.out.many["a"], sink.out.many["c"]] # ERROR: Invalid index: no instance with the key "c"
}

pipeline "stages" {
  from = [source.events.e]
  to   = [sink.out.o]
  stage "filter" {
    keep  = event.status >= local.missing # ERROR: Reference to undeclared local
    words = event.status # ERROR: Reference to event outside of a stage
  }
  stage "filter" {
    kep = true # ERROR: Unsupported argument: Did you mean "keep"?
  }
  stage "set" { # ERROR: Missing required argument
  }
}

source "data" "d" {
  url = "https://127.0.0.1/"
}

source "events" "e" {
  paths = []
}

sink "out" "o" {}

sink "out" "many" {
  for_each = toset(["a", "b"])
}
