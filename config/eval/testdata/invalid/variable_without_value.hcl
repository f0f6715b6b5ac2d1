variable "a" {} # ERROR: No value for required variable: -var a=
