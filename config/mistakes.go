package config

import (
	"cmp"
	"slices"

	"github.com/hashicorp/hcl/v2"
)

// What is shown of the mistakes, and of the warnings: after some, what
// follows is only noise, and to show it takes longer than to find it.
const (
	maxMistakes    = 50 // in one file
	maxMistakesAll = 500
)

// Foremost keeps the first problems of each file, and says that there are
// more where there are.
func Foremost(diags hcl.Diagnostics) hcl.Diagnostics {
	type group struct {
		file     string
		severity hcl.DiagnosticSeverity
	}
	if len(diags) <= maxMistakes {
		return diags
	}
	var out hcl.Diagnostics
	seen := make(map[group]int)
	for _, d := range slices.SortedStableFunc(slices.Values(diags), byPlace) {
		g := group{severity: d.Severity}
		if d.Subject != nil {
			g.file = d.Subject.Filename
		}
		seen[g]++
		switch {
		case len(out) >= maxMistakesAll:
			return append(out, more(d, "the configuration"))
		case seen[g] <= maxMistakes:
			out = append(out, d)
		case seen[g] == maxMistakes+1:
			out = append(out, more(d, "this file"))
		}
	}
	return out
}

func byPlace(a, b *hcl.Diagnostic) int {
	switch {
	case a.Subject == nil && b.Subject == nil:
		return 0
	case a.Subject == nil:
		return -1
	case b.Subject == nil:
		return 1
	}
	return cmp.Or(cmp.Compare(a.Subject.Filename, b.Subject.Filename), cmp.Compare(a.Subject.Start.Byte, b.Subject.Start.Byte))
}

// more takes the place of a problem and of those after it.
func more(d *hcl.Diagnostic, where string) *hcl.Diagnostic {
	if d.Severity == hcl.DiagWarning {
		return &hcl.Diagnostic{
			Severity: hcl.DiagWarning,
			Summary:  "Too many warnings",
			Detail:   "There are more warnings about " + where + ", which are not shown.",
			Subject:  d.Subject,
		}
	}
	return &hcl.Diagnostic{
		Severity: hcl.DiagError,
		Summary:  "Too many mistakes",
		Detail:   "There are more mistakes in " + where + ". Correct those above first: the others may come from them.",
		Subject:  d.Subject,
	}
}
