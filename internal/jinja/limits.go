package jinja

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// The limits of one rendering. A template can ask in a few words for more than
// any machine has, such as a loop within a loop within a loop.
const (
	maxSteps       = 2_000_000 // parts of expressions and statements that are evaluated
	loopSteps      = 4         // that each turn of a loop takes beside those of its body
	maxWork        = 128 << 20 // bytes of all strings and lists that are made, an element counting as elementWork
	elementWork    = 64
	parseWork      = 32       // for each byte of a template
	maxDepth       = 200      // of brackets and blocks within each other, and of values
	maxOperators   = 1000     // of one expression
	maxCalls       = 100      // of macros, blocks, includes and recursive loops within each other
	maxTemplates   = 100      // that one rendering reads
	maxRepeat      = 16 << 20 // bytes of one string
	stepsPerCheck  = 1024     // between two looks at the context
	maxCryptRounds = 1_000_000
	cryptPerStep   = 5 // rounds
)

// limitError says which limit was passed.
type limitError struct{ what string }

func (e *limitError) Error() string { return e.what }

func limitf(format string, args ...any) error { return &limitError{fmt.Sprintf(format, args...)} }

// budget is what a rendering has taken up.
type budget struct {
	ctx   context.Context
	steps int
	work  int
}

// step accounts for n steps.
func (b *budget) step(n int) error {
	before := b.steps / stepsPerCheck
	if b.steps += n; b.steps > maxSteps {
		return limitf("the template takes more than %d steps; let it loop over less", maxSteps)
	}
	if b.steps/stepsPerCheck == before {
		return nil
	}
	return context.Cause(b.ctx)
}

// take accounts for n bytes, before they are made.
func (b *budget) take(n int) error {
	if n < 0 || n > maxWork || b.work+n > maxWork {
		return limitf("the strings and lists that the template makes take up more than %d MiB", maxWork>>20)
	}
	b.work += n
	return nil
}

// takeString accounts for a string of n bytes, before it is made.
func (b *budget) takeString(n int) error {
	if n < 0 || n > maxRepeat {
		return limitf("a string in the template would be longer than %d MiB", maxRepeat>>20)
	}
	return b.take(n)
}

// takeList accounts for a list of n elements, before it is made.
func (b *budget) takeList(n int) error {
	if n < 0 || n > maxWork/elementWork {
		return limitf("a list in the template would have more than %d elements", maxWork/elementWork)
	}
	if err := b.step(n / 8); err != nil {
		return err
	}
	return b.take(n * elementWork)
}

// output is what a template, or a part of it such as a macro, writes.
type output struct {
	strings.Builder
	run *run
}

func (o *output) write(s string) error {
	if o.Len()+len(s) > o.run.maxResult {
		return limitf("the template renders to more than %d MiB", o.run.maxResult>>20)
	}
	if err := o.run.take(len(s)); err != nil {
		return err
	}
	o.WriteString(s)
	return nil
}

// within runs f one call deeper.
func (r *run) within(f func() error) error {
	if r.calls >= maxCalls {
		return limitf("macros, blocks, includes and recursive loops call each other more than %d deep", maxCalls)
	}
	r.calls++
	defer func() { r.calls-- }()
	return f()
}

// errBreak and errContinue leave the body of a loop.
var (
	errBreak    = errors.New("break outside of a loop")
	errContinue = errors.New("continue outside of a loop")
)
