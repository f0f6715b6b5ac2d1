collector "laod" "a" {} # ERROR: Unknown type: Did you mean "load"?
