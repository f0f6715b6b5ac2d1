# NATIVE: elsewhere a key that is written twice is a mistake of the syntax
driftless {
  required_providers {
    acme   = { source = "acme", versoin = "1.0" } # ERROR: Unsupported argument: Did you mean "version"?
    blue   = { version = "newest" } # ERROR: Invalid version constraint: Write it as in
    green  = "1.0" # ERROR: Invalid required provider: Write it as in green
    red    = { source = "acme/red" } # ERROR: Invalid provider source: "acme/red"
    twice  = { source = "twice", source = "again" } # ERROR: Duplicate declaration: source is already declared
    listed = {}
  }
  required_provider {} # ERROR: Unsupported block type: Did you mean "required_providers"?
}

driftless {
  required_providers {
    listed = {} # ERROR: Duplicate declaration: The required provider listed is already declared
  }
}

provider "unlisted" {} # ERROR: Unknown provider: driftless { required_providers { unlisted = { source = "unlisted" } } }

output "loud" {
  value = provider::unlisted::shout("a") # ERROR: Call to unknown function: no provider unlisted is required
}
