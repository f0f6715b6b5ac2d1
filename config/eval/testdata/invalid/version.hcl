driftless {
  required_version = ">= 99.0" # ERROR: Unsupported driftless version: This is driftless
}

something "new" {} // a later version may know it, so it isn't reported
