module "loop" {
  source = "../loop" # ERROR: Module in itself
}
