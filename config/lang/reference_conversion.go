package lang

func conversionDocs() Group {
	return Group{"Type conversion functions", []Doc{
		{
			Name: "can", Text: "Reports whether an expression has a value and no error.",
			Params:  []string{"The expression."},
			Example: `can(tonumber("x"))`, Result: "false",
		},
		{
			Name: "issensitive", Text: "Reports whether a value, or anything in it, is sensitive.",
			Params:  []string{"The value."},
			Example: `issensitive(sensitive("x"))`, Result: "true",
		},
		{
			Name: "nonsensitive", Text: "Takes the mark off a sensitive value. Whoever writes it promises that the value may be shown.",
			Params:  []string{"The value."},
			Example: `nonsensitive(sensitive("x"))`, Result: `"x"`,
		},
		{
			Name: "sensitive", Text: "Marks a value as one that is never shown. The mark follows it through every expression.",
			Params:  []string{"The value."},
			Example: `sensitive("x")`,
		},
		{
			Name: "tobool", Text: "Converts a value to a bool.",
			Params:  []string{"A bool, `\"true\"`, `\"false\"` or null."},
			Example: `tobool("true")`, Result: "true",
		},
		{
			Name: "tolist", Text: "Converts a value to a list.",
			Params:  []string{"A list, a set or a tuple."},
			Example: `tolist(toset(["b", "a"]))`, Result: `["a", "b"]`,
		},
		{
			Name: "tomap", Text: "Converts a value to a map. Its elements get one type.",
			Params:  []string{"A map or an object."},
			Example: `tomap({ a = 1, b = "x" })`, Result: `{ a = "1", b = "x" }`,
		},
		{
			Name: "tonumber", Text: "Converts a value to a number.",
			Params:  []string{"A number, a string of one or null."},
			Example: `tonumber("1.5")`, Result: "1.5",
		},
		{
			Name: "toset", Text: "Converts a value to a set: without order, and each element once.",
			Params:  []string{"A list, a set or a tuple."},
			Example: `toset(["b", "a", "b"])`, Result: `toset(["a", "b"])`,
		},
		{
			Name: "tostring", Text: "Converts a value to a string.",
			Params:  []string{"A string, a number, a bool or null."},
			Example: "tostring(1.5)", Result: `"1.5"`,
		},
		{
			Name: "try", Text: "Returns the value of the first expression that has one and no error.",
			Params:  []string{"The expressions."},
			Example: `try(tonumber("x"), 0)`, Result: "0",
		},
	}}
}
