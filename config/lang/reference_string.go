package lang

func stringDocs() Group {
	return Group{"String functions", []Doc{
		{
			Name: "chomp", Text: "Removes line ends from the end of a string.",
			Params:  []string{"The string."},
			Example: `chomp("hello\n")`, Result: `"hello"`,
		},
		{
			Name: "endswith", Text: "Reports whether a string ends with another.",
			Params:  []string{"The string.", "What it may end with."},
			Example: `endswith("main.hcl", ".hcl")`, Result: "true",
		},
		{
			Name: "format", Text: "Makes a string of a format and values, with verbs such as `%s`, `%d`, `%5.2f`, `%q`, `%v` and `%%`.",
			Params:  []string{"The format.", "A value for each verb."},
			Example: `format("%s has %d GiB", "db", 64)`, Result: `"db has 64 GiB"`,
		},
		{
			Name: "formatlist", Text: "Makes a list of strings: one for each element of the lists among the values.",
			Params:  []string{"The format, as of `format`.", "A value for each verb, or a list of them; all lists have the same length."},
			Example: `formatlist("%s:%d", ["a", "b"], 80)`, Result: `["a:80", "b:80"]`,
		},
		{
			Name: "indent", Text: "Puts spaces before each line of a string but the first.",
			Params:  []string{"How many spaces.", "The string."},
			Example: `indent(2, "a:\nb")`, Result: `"a:\n  b"`,
		},
		{
			Name: "join", Text: "Puts the elements of lists together, with a separator between them.",
			Params:  []string{"The separator.", "Lists of strings."},
			Example: `join(", ", ["a", "b"])`, Result: `"a, b"`,
		},
		{
			Name: "lower", Text: "Makes all letters small.",
			Params:  []string{"The string."},
			Example: `lower("HELLO")`, Result: `"hello"`,
		},
		{
			Name: "regex", Text: "Returns the first match of a regular expression: a string; with groups a list of them; with named groups an object. No match is an error.",
			Params:  []string{"The pattern, in the syntax of RE2 and of at most 16 KiB.", "The string to search."},
			Example: `regex("(?P<name>[a-z]+)=(?P<value>.*)", "mode=0644")`, Result: `{ name = "mode", value = "0644" }`,
		},
		{
			Name: "regexall", Text: "Returns a list of all matches of a regular expression, each as `regex` returns it.",
			Params:  []string{"The pattern, in the syntax of RE2 and of at most 16 KiB.", "The string to search."},
			Example: `regexall("[a-z]+", "1 one 2 two")`, Result: `["one", "two"]`,
		},
		{
			Name: "replace", Text: "Replaces each occurrence of a substring, or of a regular expression between slashes.",
			Params:  []string{"The string.", "The substring, or a `/regular expression/`.", "What to put there; `$1` and `${name}` stand for groups of the expression."},
			Example: `replace("10.0.0.1", ".", "-")`, Result: `"10-0-0-1"`,
		},
		{
			Name: "split", Text: "Parts a string at each separator.",
			Params:  []string{"The separator.", "The string."},
			Example: `split(",", "a,b,c")`, Result: `["a", "b", "c"]`,
		},
		{
			Name: "startswith", Text: "Reports whether a string begins with another.",
			Params:  []string{"The string.", "What it may begin with."},
			Example: `startswith("/etc/motd", "/etc/")`, Result: "true",
		},
		{
			Name: "strcontains", Text: "Reports whether a string holds another.",
			Params:  []string{"The string.", "What it may hold."},
			Example: `strcontains("hello world", "wor")`, Result: "true",
		},
		{
			Name: "strrev", Text: "Reverses the characters of a string.",
			Params:  []string{"The string."},
			Example: `strrev("abc")`, Result: `"cba"`,
		},
		{
			Name: "substr", Text: "Returns a part of a string, counted in characters as they are seen.",
			Params:  []string{"The string.", "Where the part begins, from 0; negative counts from the end.", "How long it is; -1 is up to the end."},
			Example: `substr("hello world", 6, -1)`, Result: `"world"`,
		},
		{
			Name: "templatestring", Text: "Renders a template that is at hand as a string. What is said of `templatefile` holds here too.",
			Params:  []string{"The template.", "A map or an object with the variables of the template."},
			Example: `templatestring("Hello, $${name}!", { name = "Jodie" })`, Result: `"Hello, Jodie!"`,
		},
		{
			Name: "title", Text: "Makes the first letter of each word a capital.",
			Params:  []string{"The string."},
			Example: `title("hello world")`, Result: `"Hello World"`,
		},
		{
			Name: "trim", Text: "Removes characters from both ends of a string.",
			Params:  []string{"The string.", "The characters."},
			Example: `trim("?!hello?!", "!?")`, Result: `"hello"`,
		},
		{
			Name: "trimprefix", Text: "Removes a string from the start of another.",
			Params:  []string{"The string.", "What to remove, once."},
			Example: `trimprefix("v1.2.3", "v")`, Result: `"1.2.3"`,
		},
		{
			Name: "trimspace", Text: "Removes blanks and line ends from both ends of a string.",
			Params:  []string{"The string."},
			Example: `trimspace("  hello\n")`, Result: `"hello"`,
		},
		{
			Name: "trimsuffix", Text: "Removes a string from the end of another.",
			Params:  []string{"The string.", "What to remove, once."},
			Example: `trimsuffix("motd.tpl", ".tpl")`, Result: `"motd"`,
		},
		{
			Name: "upper", Text: "Makes all letters capitals.",
			Params:  []string{"The string."},
			Example: `upper("hello")`, Result: `"HELLO"`,
		},
	}}
}
