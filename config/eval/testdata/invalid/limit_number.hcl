locals {
  a = 1e9999 # ERROR: Number too large
}
# NATIVE: the limits of the other syntaxes are their own
