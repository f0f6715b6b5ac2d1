task "fiel" "a" { # ERROR: Unknown type: Did you mean "file"?
  path = "/a"
}

task "zzzzzzz" "a" { # ERROR: Unknown type: Known are command, drift, edit, file, heal.
  path = "/a"
}

task "file" "b" { // refers to a block of an unknown type, which isn't its mistake
  path = task.fiel.a.path
}

pipeline "p" {
  from = [source.events.e]
  to   = [sink.out.o]
  stage "fitler" {} # ERROR: Unknown type: There is no stage of type "fitler". Did you mean "filter"?
}

source "events" "e" {
  paths = ["/var/log/*.log"]
}

sink "out" "o" {}
