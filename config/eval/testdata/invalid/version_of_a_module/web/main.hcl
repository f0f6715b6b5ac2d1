driftless {
  required_version = ">= 99.0" # ERROR: Unsupported driftless version: requires >= 99.0
}

resource "file" "a" {
  path = "/srv/a"
}
