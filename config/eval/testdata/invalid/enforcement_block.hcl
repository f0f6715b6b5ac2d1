task "heal" "a" { # ERROR: Missing remedy block: Add a block remedy, or set enforcement to "detect"
  enforcement = "enforce"
}

task "heal" "b" {
  enforcement = "enforce"
  remedy {}
}

task "heal" "c" {
  enforcement = "enforce"
  dynamic "remedy" {
    for_each = ["x"]
    content {
      strategy = remedy.value
    }
  }
}

task "heal" "d" {}

task "heal" "e" {
  enforcement = "detect"
  remedy {}
}
