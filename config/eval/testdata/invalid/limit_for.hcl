locals {
  a = [for a in [1] : [for b in [1] : [for c in [1] : [for d in [1] : d]]]] # ERROR: Nesting too deep: For expressions
}
# NATIVE: the limits of the other syntaxes are their own
