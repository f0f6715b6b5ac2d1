source "evnts" "a" {} # ERROR: Unknown type: Did you mean "events"?
