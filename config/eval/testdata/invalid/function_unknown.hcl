locals {
  a = lenght([]) # ERROR: Call to unknown function: Did you mean "length"?
}
