provider "vault" { # ERROR: Unknown provider: no provider "vault"
  address = "https://127.0.0.1:8200"
}

provider "vault" {} # ERROR: Duplicate declaration: The provider vault
