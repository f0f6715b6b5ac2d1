locals {
  greeting = "Hello, $${name}!"
  broken   = "$${name"
  number   = "$${n}"
}
