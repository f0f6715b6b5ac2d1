package event

// Expr is an expression over the fields of one event, compiled for many. The
// zero Expr stands for no expression.
type Expr struct {
	// Eval returns the value of the expression for event i. A part that has
	// no value, such as a field that the event lacks, makes it null. The
	// bytes of the result are valid until the next call. In the process of a
	// provider it is about the events as they came, by the numbers that they
	// had then: a stage evaluates before it changes or drops them.
	Eval func(b *Batch, i int) Value
	// Text is the expression as it was written.
	Text string
}

// IsSet reports whether there is an expression.
func (e Expr) IsSet() bool { return e.Eval != nil }

// True reports whether the expression is true for event i. Null is not.
func (e Expr) True(b *Batch, i int) bool {
	v := e.Eval(b, i)
	return v.kind == Bool && v.Bool()
}

// ExprMap is an object of expressions, sorted by name.
type ExprMap []NamedExpr

// NamedExpr is one member of an [ExprMap].
type NamedExpr struct {
	Name string
	Expr Expr
}
