package plugin

import (
	"errors"
	"fmt"

	"github.com/zclconf/go-cty/cty"
)

// Severity tells an error from a warning.
type Severity string

// The severities.
const (
	SeverityError   Severity = "error"
	SeverityWarning Severity = "warning"
)

// Diagnostic is a problem with a place in a block's configuration. The core
// turns the path into a file, line and column.
type Diagnostic struct {
	Severity Severity
	Summary  string   // a fixed phrase, without values: "Invalid mode"
	Detail   string   // full sentences: what is wrong, and what to do
	Path     cty.Path // the attribute; nil for the whole block
}

// Diagnostics is any number of problems. Nil is none.
type Diagnostics []Diagnostic

// Error makes diagnostics of one error.
func Error(path cty.Path, summary, format string, args ...any) Diagnostics {
	return Diagnostics{{SeverityError, summary, fmt.Sprintf(format, args...), path}}
}

// Warning makes diagnostics of one warning.
func Warning(path cty.Path, summary, format string, args ...any) Diagnostics {
	return Diagnostics{{SeverityWarning, summary, fmt.Sprintf(format, args...), path}}
}

// HasErrors reports whether one of them is an error.
func (d Diagnostics) HasErrors() bool {
	for _, one := range d {
		if one.Severity == SeverityError {
			return true
		}
	}
	return false
}

// Err returns the errors as one error, nil if there is none.
func (d Diagnostics) Err() error {
	var errs []error
	for _, one := range d {
		if one.Severity == SeverityError {
			errs = append(errs, fmt.Errorf("%s: %s", one.Summary, one.Detail))
		}
	}
	return errors.Join(errs...)
}

// Attr is the path of an attribute of the block, for a diagnostic.
func Attr(name string) cty.Path { return cty.GetAttrPath(name) }

// Permanent marks an error that no retry can cure: of a sink, that these events
// will never be taken; of a source, that it can never run as it is configured.
func Permanent(err error) error { return permanent{err} }

// IsPermanent reports whether err, or one it wraps, was marked [Permanent].
func IsPermanent(err error) bool {
	var p permanent
	return errors.As(err, &p)
}

type permanent struct{ error }

func (p permanent) Unwrap() error { return p.error }
