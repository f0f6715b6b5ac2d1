provider "vault" { # ERROR: Unknown provider: Remove the block
  address = "https://127.0.0.1:8200"
}

provider "vault" {} # ERROR: Duplicate declaration: The provider vault
