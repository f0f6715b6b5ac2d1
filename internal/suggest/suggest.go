// Package suggest finds what was probably meant by a name that nothing has.
package suggest

import "github.com/agext/levenshtein"

// Name returns the candidate that is close enough to be what was meant by
// given, and nothing where none is.
func Name(given string, candidates []string) string {
	// One edit in a short name, one more for every four letters.
	limit := min(1+len(given)/4, 4)
	best, least := "", limit+1
	for _, c := range candidates {
		d := levenshtein.Distance(given, c, nil)
		if d < least || d == least && d <= limit && c < best {
			best, least = c, d
		}
	}
	return best
}
