package lang

func collectionDocs() Group {
	return Group{"Collection functions", []Doc{
		{
			Name: "alltrue", Text: "Reports whether all elements are true. Null is not.",
			Params:  []string{"A list of bools."},
			Example: "alltrue([true, false])", Result: "false",
		},
		{
			Name: "anytrue", Text: "Reports whether any element is true.",
			Params:  []string{"A list of bools."},
			Example: "anytrue([true, false])", Result: "true",
		},
		{
			Name: "chunklist", Text: "Parts a list into lists of one length; the last may be shorter.",
			Params:  []string{"The list.", "The length; 0 is one list of all."},
			Example: `chunklist(["a", "b", "c"], 2)`, Result: `[["a", "b"], ["c"]]`,
		},
		{
			Name: "coalesce", Text: "Returns the first value that is neither null nor an empty string.",
			Params:  []string{"Values of one type."},
			Example: `coalesce(null, "", "b")`, Result: `"b"`,
		},
		{
			Name: "coalescelist", Text: "Returns the first list that is not empty.",
			Params:  []string{"The lists."},
			Example: `coalescelist([], ["c"])`, Result: `["c"]`,
		},
		{
			Name: "compact", Text: "Removes nulls and empty strings from a list.",
			Params:  []string{"A list of strings."},
			Example: `compact(["a", "", null, "b"])`, Result: `["a", "b"]`,
		},
		{
			Name: "concat", Text: "Makes one list of several.",
			Params:  []string{"The lists."},
			Example: `concat(["a"], ["b", "c"])`, Result: `["a", "b", "c"]`,
		},
		{
			Name: "contains", Text: "Reports whether a list or a set holds a value.",
			Params:  []string{"The list, tuple or set.", "The value."},
			Example: `contains(["a", "b"], "a")`, Result: "true",
		},
		{
			Name: "distinct", Text: "Removes the elements that a list has already, and keeps the order.",
			Params:  []string{"The list."},
			Example: `distinct(["a", "b", "a"])`, Result: `["a", "b"]`,
		},
		{
			Name: "element", Text: "Returns an element of a list by its position, and begins anew after the last.",
			Params:  []string{"The list, which is not empty.", "The position, from 0; negative counts from the end."},
			Example: `element(["a", "b", "c"], 3)`, Result: `"a"`,
		},
		{
			Name: "flatten", Text: "Puts the elements of the lists in a list in their places.",
			Params:  []string{"The list."},
			Example: `flatten([["a", "b"], [], "c"])`, Result: `["a", "b", "c"]`,
		},
		{
			Name: "index", Text: "Returns the position of a value in a list, from 0. A value that isn't there is an error.",
			Params:  []string{"The list.", "The value."},
			Example: `index(["a", "b"], "b")`, Result: "1",
		},
		{
			Name: "keys", Text: "Returns the keys of a map, sorted.",
			Params:  []string{"The map or object."},
			Example: "keys({ b = 1, a = 2 })", Result: `["a", "b"]`,
		},
		{
			Name: "length", Text: "Returns the number of elements of a collection, or of characters of a string.",
			Params:  []string{"The list, set, map, tuple, object or string."},
			Example: `length(["a", "b"])`, Result: "2",
		},
		{
			Name: "lookup", Text: "Returns an element of a map, or the default where there is none.",
			Params:  []string{"The map or object.", "The key.", "The default; without it a missing key is an error."},
			Example: `lookup({ a = "ay" }, "b", "what?")`, Result: `"what?"`,
		},
		{
			Name: "matchkeys", Text: "Chooses elements of a list by their counterparts in a list of keys.",
			Params:  []string{"The list to choose from.", "As many keys.", "The keys of the elements that are chosen."},
			Example: `matchkeys(["i-1", "i-2"], ["west", "east"], ["east"])`, Result: `["i-2"]`,
		},
		{
			Name: "merge", Text: "Makes one map or object of several; what comes later wins.",
			Params:  []string{"The maps or objects; nulls are skipped."},
			Example: "merge({ a = 1, b = 2 }, { b = 3 })", Result: "{ a = 1, b = 3 }",
		},
		{
			Name: "one", Text: "Returns the only element of a collection, or null where it is empty. More than one are an error.",
			Params:  []string{"The list, set or tuple."},
			Example: `one(["a"])`, Result: `"a"`,
		},
		{
			Name: "reverse", Text: "Reverses a list.",
			Params:  []string{"The list."},
			Example: "reverse([1, 2, 3])", Result: "[3, 2, 1]",
		},
		{
			Name: "setintersection", Text: "Returns the elements that are in all sets.",
			Params:  []string{"The first set.", "The others."},
			Example: `setintersection(["a", "b"], ["b", "c"])`, Result: `toset(["b"])`,
		},
		{
			Name: "setproduct", Text: "Returns all combinations of one element of each set or list.",
			Params:  []string{"At least two sets or lists."},
			Example: `setproduct(["app", "db"], [1, 2])`, Result: `[["app", 1], ["app", 2], ["db", 1], ["db", 2]]`,
		},
		{
			Name: "setsubtract", Text: "Returns the elements of a set that another doesn't have.",
			Params:  []string{"The set.", "The other."},
			Example: `setsubtract(["a", "b"], ["a"])`, Result: `toset(["b"])`,
		},
		{
			Name: "setunion", Text: "Returns the elements that are in any of the sets.",
			Params:  []string{"The first set.", "The others."},
			Example: `setunion(["a"], ["b"], ["a"])`, Result: `toset(["a", "b"])`,
		},
		{
			Name: "slice", Text: "Returns a part of a list.",
			Params:  []string{"The list.", "The position of the first element, from 0.", "The position after the last."},
			Example: `slice(["a", "b", "c"], 1, 3)`, Result: `["b", "c"]`,
		},
		{
			Name: "sort", Text: "Sorts strings.",
			Params:  []string{"A list of strings."},
			Example: `sort(["e", "a", "x"])`, Result: `["a", "e", "x"]`,
		},
		{
			Name: "transpose", Text: "Swaps the keys and the values of a map of lists.",
			Params:  []string{"A map of lists of strings."},
			Example: `transpose({ a = ["1", "2"], b = ["2"] })`, Result: `{ "1" = ["a"], "2" = ["a", "b"] }`,
		},
		{
			Name: "values", Text: "Returns the values of a map, in the order of its keys.",
			Params:  []string{"The map or object."},
			Example: "values({ b = 1, a = 2 })", Result: "[2, 1]",
		},
		{
			Name: "zipmap", Text: "Makes a map of a list of keys and a list of values.",
			Params:  []string{"A list of strings.", "A list of as many values."},
			Example: `zipmap(["a", "b"], [1, 2])`, Result: "{ a = 1, b = 2 }",
		},
	}}
}
