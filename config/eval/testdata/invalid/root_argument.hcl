region = "eu" # ERROR: Unsupported argument
# NATIVE: what is no block can be an argument as well as a block there
