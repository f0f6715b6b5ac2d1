package plugin

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestDiagnosticsTellErrorsFromWarnings(t *testing.T) {
	diags := Warning(nil, "Careful", "There are %d.", 2)
	if diags.HasErrors() || diags.Err() != nil {
		t.Errorf("a warning counts as an error: %v", diags.Err())
	}
	diags = append(diags, Error(Attr("path"), "Invalid path", "%q is not absolute.", "x")...)
	err := diags.Err()
	if !diags.HasErrors() || err == nil || err.Error() != `Invalid path: "x" is not absolute.` || strings.Contains(err.Error(), "Careful") {
		t.Errorf("got %v", err)
	}
}

func TestPermanentIsSeenThroughWrapping(t *testing.T) {
	cause := errors.New("status 400")
	err := fmt.Errorf("write: %w", Permanent(cause))
	if !IsPermanent(err) || !errors.Is(err, cause) || IsPermanent(cause) {
		t.Errorf("permanent %t, is the cause %t", IsPermanent(err), errors.Is(err, cause))
	}
}
