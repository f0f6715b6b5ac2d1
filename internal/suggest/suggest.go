// Package suggest finds what was probably meant by a name that nothing has.
package suggest

import (
	"strings"

	"github.com/agext/levenshtein"
)

// Name returns the candidate that is close enough to be what was meant by
// given, or the only one of which given is the end, and nothing where there is
// none.
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
	if best == "" {
		return onlyEnd(given, candidates)
	}
	return best
}

// onlyEnd returns the candidate that ends in given, as a path or an address
// does in its last parts; nothing where several do.
func onlyEnd(given string, candidates []string) string {
	found := ""
	for _, c := range candidates {
		before, isEnd := strings.CutSuffix(c, given)
		if given == "" || !isEnd || !strings.HasSuffix(before, "/") && !strings.HasSuffix(before, ".") {
			continue
		}
		if found != "" && found != c {
			return ""
		}
		found = c
	}
	return found
}
