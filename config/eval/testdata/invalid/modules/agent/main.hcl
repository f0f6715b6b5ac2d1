agent {} # ERROR: Not in a module: The settings of the agent

provider "vault" {} # ERROR: Not in a module: The settings of a provider
