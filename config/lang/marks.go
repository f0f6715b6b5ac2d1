package lang

import "github.com/zclconf/go-cty/cty"

type mark string

// Sensitive marks a value that must never be shown. The mark follows the
// value through every expression.
const Sensitive = mark("sensitive")

// IsSensitive reports whether v, or any part of it, is marked.
func IsSensitive(v cty.Value) bool {
	return v.ContainsMarked()
}

// Unmark takes the marks off v and says which paths carried them.
func Unmark(v cty.Value) (cty.Value, []cty.PathValueMarks) {
	return v.UnmarkDeepWithPaths()
}
