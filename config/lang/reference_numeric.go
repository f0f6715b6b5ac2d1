package lang

func numericDocs() Group {
	return Group{"Numeric functions", []Doc{
		{
			Name: "abs", Text: "Returns a number without its sign.",
			Params:  []string{"The number."},
			Example: "abs(-12.5)", Result: "12.5",
		},
		{
			Name: "ceil", Text: "Rounds a number up to the next whole one.",
			Params:  []string{"The number."},
			Example: "ceil(5.1)", Result: "6",
		},
		{
			Name: "floor", Text: "Rounds a number down to the next whole one.",
			Params:  []string{"The number."},
			Example: "floor(4.9)", Result: "4",
		},
		{
			Name: "log", Text: "Returns the logarithm of a number.",
			Params:  []string{"The number.", "The base."},
			Example: "log(16, 2)", Result: "4",
		},
		{
			Name: "max", Text: "Returns the greatest of some numbers.",
			Params:  []string{"The numbers; those of a list are given as `list...`."},
			Example: "max(12, 54, 3)", Result: "54",
		},
		{
			Name: "min", Text: "Returns the least of some numbers.",
			Params:  []string{"The numbers; those of a list are given as `list...`."},
			Example: "min(12, 54, 3)", Result: "3",
		},
		{
			Name: "parseint", Text: "Reads a whole number in a base.",
			Params:  []string{"The digits.", "The base, from 2 to 62."},
			Example: `parseint("FF", 16)`, Result: "255",
		},
		{
			Name: "pow", Text: "Raises a number to a power.",
			Params:  []string{"The number.", "The power."},
			Example: "pow(3, 2)", Result: "9",
		},
		{
			Name: "range", Text: "Returns a list of numbers, at most 1024.",
			Params:  []string{"The limit, which is not in the list; or the first number and the limit; or these two and the step."},
			Example: "range(1, 8, 2)", Result: "[1, 3, 5, 7]",
		},
		{
			Name: "signum", Text: "Returns -1, 0 or 1 for a number below, equal to or above zero.",
			Params:  []string{"The number."},
			Example: "signum(-13)", Result: "-1",
		},
		{
			Name: "sum", Text: "Adds up numbers.",
			Params:  []string{"A list, a set or a tuple of numbers, which is not empty."},
			Example: "sum([10, 13, 6])", Result: "29",
		},
	}}
}
