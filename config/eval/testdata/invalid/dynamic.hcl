variable "secret" {
  default   = ["a"]
  sensitive = true
}

task "file" "a" {
  path = "/a"

  dynamic "rules" { # ERROR: Unsupported block type: Did you mean "rule"?
    for_each = []
    content {}
  }

  dynamic "rule" { # ERROR: Missing required argument: "for_each"
    content {
      name = "x"
    }
  }

  dynamic "rule" { # ERROR: Invalid dynamic block: one block "content"
    for_each = []
  }

  dynamic "rule" {
    for_each = []
    labels   = ["x"] # ERROR: Unexpected label
    content {
      name = "x"
    }
  }

  dynamic "entry" { # ERROR: Missing label: labels = [entry.key]
    for_each = []
    content {
      name = "x"
    }
  }

  dynamic "entry" {
    for_each = []
    labels   = ["x", "y"] # ERROR: Invalid label
    content {
      name = "x"
    }
  }

  dynamic "rule" {
    for_each = []
    iterator = "r" # ERROR: Invalid iterator
    content {
      name = "x"
    }
  }
}

task "file" "b" {
  path = "/b"

  dynamic "rule" {
    for_each = var.secret # ERROR: Invalid for_each: The value is sensitive
    content {
      name = rule.value
    }
  }
}

task "file" "c" {
  path = "/c"

  dynamic "rule" {
    for_each = ["a"]
    iterator = r
    content {
      name = rule.value # ERROR: Unknown name: There is nothing named "rule"
    }
  }
}

task "file" "d" {
  path = "/d"

  dynamic "rule" {
    for_each = ["0644", "rw"]
    content {
      name = rule.key
      mode = rule.value # ERROR: Invalid value for mode
    }
  }
}

task "file" "e" {
  path = "/e"

  dynamic "owner" { # ERROR: Duplicate block: There is already a block owner
    for_each = ["a", "b"]
    content {
      name = owner.value
    }
  }
}

task "file" "f" {
  path = "/f"

  entry "a" {
    name = "a"
  }

  dynamic "entry" { # ERROR: Duplicate block: There is already a block entry "a"
    for_each = toset(["a"])
    labels   = [entry.key]
    content {
      name = entry.key
    }
  }
}

task "edit" "g" { # ERROR: Missing block: A block "where" is required
  path = "/g"

  dynamic "where" {
    for_each = []
    content {}
  }
}

task "file" "h" {
  path = "/h"

  dynamic "rule" {
    for_each = "x" # ERROR: Invalid for_each: A collection is required, not a string
    content {
      name = "x"
    }
  }

  dynamic "rule" {
    for_each = null # ERROR: Invalid for_each: The value is null
    content {
      name = "x"
    }
  }

  dynamic "entry" {
    for_each = ["x"]
    labels   = [null] # ERROR: Invalid label: A string is required
    content {
      name = "x"
    }
  }
}

task "file" "i" {
  path = "/i"

  dynamic "rule" {
    for_each = ["fine", "bad"]
    content {
      name = rule.value # ERROR: Bad value
    }
  }
}

task "file" "j" {
  path = "/j"

  dynamic "precondition" { # ERROR: Unsupported block type: A block "precondition" can't be made by a dynamic block
    for_each = ["a"]
    content {
      condition     = true
      error_message = "Never."
    }
  }

  precondition {
    condition     = true
    error_message = "Never."

    dynamic "rule" { # ERROR: Unsupported block type: Blocks of type "rule" are not expected here
      for_each = ["a"]
      content {}
    }
  }
}

task "command" "k" {
  dynamic "retry" { # ERROR: Unsupported block type: Write it out
    for_each = ["a"]
    content {}
  }
}

source "events" "e" {
  paths = ["/log"]
}

sink "out" "o" {}

pipeline "l" {
  from = [source.events.e]
  to   = [sink.out.o]

  dynamic "stage" { # ERROR: Unsupported block type: A block "stage" can't be made by a dynamic block
    for_each = ["filter"]
    labels   = [stage.value]
    content {}
  }
}
