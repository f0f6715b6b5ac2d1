package lang

import (
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/gocty"
	"golang.org/x/crypto/bcrypt"
)

// impure are the functions that give another answer each time. What they
// answer isn't known when a configuration is loaded.
var impure = []string{"bcrypt", "plantimestamp", "timestamp", "uuid"}

// maxBcryptCost bounds the cost of one hash, and maxBcryptWork that of all in
// one evaluation, two to the power of the cost each: some seconds.
const (
	maxBcryptCost = 15
	maxBcryptWork = 1 << 17
)

// Impure reports whether a function gives another answer each time.
func Impure(name string) bool { return slices.Contains(impure, name) }

// Moment is what the functions of time and chance answer with during one plan
// and its apply: the time of the plan is known at once, and everything else
// only while it is applied. One call always gets the same answer, however often
// the expression that it is in is evaluated. A Moment is safe for concurrent
// use.
type Moment struct {
	planned time.Time

	mu      sync.Mutex
	applied time.Time // zero before the apply
	answers map[question]cty.Value
}

// question is one call of a function: the n-th in what is evaluated.
type question struct {
	within, function string
	n                int
	argument         string
	cost             int
}

// NewMoment returns the moment of a plan.
func NewMoment(planned time.Time) *Moment {
	return &Moment{planned: planned, answers: make(map[question]cty.Value)}
}

// Planned returns the time of the plan.
func (m *Moment) Planned() time.Time { return m.planned }

// Apply says that the plan is being applied from now on.
func (m *Moment) Apply(now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.applied = now
}

// Answer returns a scope within ctx for one evaluation, in which the functions
// of time and chance have their answers. Within names what is evaluated.
func (m *Moment) Answer(ctx *hcl.EvalContext, within string) *hcl.EvalContext {
	e := &evaluation{Moment: m, within: within, asked: make(map[string]int)}
	inner := ctx.NewChild()
	inner.Functions = map[string]function.Function{
		"plantimestamp": clock(func() cty.Value { return timeValue(m.planned) }),
		"timestamp":     clock(e.timestamp),
		"uuid":          function.New(uuidSpec(e.uuid)),
		"bcrypt":        function.New(bcryptSpec(e.bcrypt)),
	}
	return inner
}

func timeValue(t time.Time) cty.Value { return cty.StringVal(t.UTC().Format(time.RFC3339)) }

// evaluation asks a moment on behalf of what is evaluated.
type evaluation struct {
	*Moment
	within string

	count sync.Mutex
	asked map[string]int // how often, by function
	work  int            // of bcrypt
}

func (e *evaluation) timestamp() cty.Value {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.applied.IsZero() {
		return cty.UnknownVal(cty.String)
	}
	return timeValue(e.applied)
}

func (e *evaluation) uuid() (cty.Value, error) {
	return e.once(question{function: "uuid"}, func() (string, error) {
		id, err := uuid.NewRandom()
		return id.String(), err
	})
}

func (e *evaluation) bcrypt(password string, cost int) (cty.Value, error) {
	e.count.Lock()
	e.work += 1 << cost
	work := e.work
	e.count.Unlock()
	if work > maxBcryptWork {
		return cty.NilVal, limitError("bcrypt is called too often in one expression for its cost")
	}
	return e.once(question{function: "bcrypt", argument: password, cost: cost}, func() (string, error) {
		hash, err := bcrypt.GenerateFromPassword([]byte(password), cost)
		return string(hash), err
	})
}

// once answers a question as it was answered before, and leaves it open until
// the plan is applied.
func (e *evaluation) once(q question, answer func() (string, error)) (cty.Value, error) {
	e.count.Lock()
	q.within, q.n = e.within, e.asked[q.function]
	e.asked[q.function]++
	e.count.Unlock()
	e.mu.Lock()
	v, answered := e.answers[q]
	open := e.applied.IsZero()
	e.mu.Unlock()
	if answered || open {
		if open {
			v = cty.UnknownVal(cty.String)
		}
		return v, nil
	}
	text, err := answer()
	if err != nil {
		return cty.NilVal, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if earlier, ok := e.answers[q]; ok {
		return earlier, nil
	}
	e.answers[q] = cty.StringVal(text)
	return e.answers[q], nil
}

// openFunctions are the functions of time and chance where there is no moment:
// they check their arguments, and what they answer isn't known.
func openFunctions() map[string]function.Function {
	unknown := func() cty.Value { return cty.UnknownVal(cty.String) }
	return map[string]function.Function{
		"plantimestamp": clock(unknown),
		"timestamp":     clock(unknown),
		"uuid":          function.New(uuidSpec(func() (cty.Value, error) { return unknown(), nil })),
		"bcrypt":        function.New(bcryptSpec(func(string, int) (cty.Value, error) { return unknown(), nil })),
	}
}

func clock(now func() cty.Value) function.Function {
	return function.New(uuidSpec(func() (cty.Value, error) { return now(), nil }))
}

func uuidSpec(f func() (cty.Value, error)) *function.Spec {
	return &function.Spec{
		Type: function.StaticReturnType(cty.String),
		Impl: func([]cty.Value, cty.Type) (cty.Value, error) { return f() },
	}
}

func bcryptSpec(f func(password string, cost int) (cty.Value, error)) *function.Spec {
	return &function.Spec{
		Params:   params("string"),
		VarParam: &function.Parameter{Name: "cost", Type: cty.Number},
		Type:     function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			cost := bcrypt.DefaultCost
			switch len(args) {
			case 1:
			case 2:
				if err := gocty.FromCtyValue(args[1], &cost); err != nil {
					return cty.NilVal, function.NewArgError(1, err)
				}
				if cost < bcrypt.MinCost || cost > maxBcryptCost {
					return cty.NilVal, function.NewArgErrorf(1, "the cost must be from %d to %d", bcrypt.MinCost, maxBcryptCost)
				}
			default:
				return cty.NilVal, function.NewArgErrorf(2, "bcrypt takes a string and at most one cost")
			}
			password := args[0].AsString()
			if len(password) > 72 {
				return cty.NilVal, function.NewArgError(0, errors.New("bcrypt takes at most 72 bytes"))
			}
			return f(password, cost)
		},
	}
}
