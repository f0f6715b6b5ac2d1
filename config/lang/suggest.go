package lang

import (
	"fmt"

	"github.com/agext/levenshtein"
)

// Suggest returns " Did you mean \"NAME\"?" with the candidate that is close
// enough to be what was meant by given, and nothing where none is.
func Suggest(given string, candidates []string) string {
	best, least := "", max(2, len(given)/4)+1
	for _, c := range candidates {
		if d := levenshtein.Distance(given, c, nil); d < least {
			best, least = c, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf(" Did you mean %q?", best)
}
