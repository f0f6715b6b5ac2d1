task "file" "a" { # ERROR: Missing required argument: "path"
  contnet  = "x" # ERROR: Unsupported argument: Did you mean "content"?
  checksum = "x" # ERROR: Read-only attribute: "checksum" is what the block learns
  ower { # ERROR: Unsupported block type: Did you mean "owner"?
  }
}

task "edit" "b" { # ERROR: Missing block: "where"
  path = "/b"
}

task "file" "c" {
  path = "/c"
  owner {
    name = "a"
  }
  owner { # ERROR: Duplicate block: There is already a block owner at
    name = "b"
  }
  entry "one" {
    name = "a"
  }
  entry "one" { # ERROR: Duplicate block: There is already a block entry "one" at
    name = "b"
  }
  rule { # ERROR: Missing required argument
  }
}
