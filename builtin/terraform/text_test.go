package terraform

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDiagnosticsOfAText(t *testing.T) {
	t.Parallel()
	const text = "\nTerraform encountered problems\n\nWarning: Old\n\n  is old\n╷\n│ Error: Missing name\n│ \n│   on main.tf line 2:\n│ All blocks\n│ need one.\n╵\n\nWarning: Another\n\nnothing\n\nError: Second\n"
	want := []diagnostic{
		{Severity: "error", Summary: "Missing name", Detail: "on main.tf line 2: All blocks need one."},
		{Severity: "error", Summary: "Second"},
	}
	if diff := cmp.Diff(want, diagnosticsIn(text)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func FuzzDiagnosticsIn(f *testing.F) {
	f.Add("Error: a\n\nb\nWarning: c\nd\n")
	f.Fuzz(func(_ *testing.T, text string) {
		diagnosticsIn(text)
		printable(plainText(text))
	})
}
