package lang

import (
	"errors"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// AbsentError is what [Secrets] say of a secret that can't be had for now and
// may be had later, such as while Vault is sealed. It is no mistake in the
// configuration: what needs the secret waits for it, and nothing else does.
type AbsentError struct {
	Secret string // the call that asked for it, as in vault("kv/app", "password")
	Err    error  // why it can't be had
}

// Error implements error.
func (e *AbsentError) Error() string { return e.Err.Error() }

// Unwrap returns why the secret can't be had.
func (e *AbsentError) Unwrap() error { return e.Err }

// Absent returns the error of a secret that can't be had for now, where a
// diagnostic is about one.
func Absent(d *hcl.Diagnostic) (*AbsentError, bool) {
	call, ok := hcl.DiagnosticExtra[hclsyntax.FunctionCallDiagExtra](d)
	if !ok {
		return nil, false
	}
	return errors.AsType[*AbsentError](call.FunctionCallError())
}

// SplitAbsent parts what is said of absent secrets from all else.
func SplitAbsent(diags hcl.Diagnostics) (absent, others hcl.Diagnostics) {
	for _, d := range diags {
		if _, ok := Absent(d); ok {
			absent = append(absent, d)
		} else {
			others = append(others, d)
		}
	}
	return absent, others
}
