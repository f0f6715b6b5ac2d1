locals {
  a = { for x in [1, 1] : "k" => x } # ERROR: Duplicate object key
}
