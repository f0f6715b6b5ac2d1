package lang

import (
	"fmt"

	"github.com/driftless-hq/driftless/internal/suggest"
)

// Suggest returns " Did you mean \"NAME\"?" with the candidate that is close
// enough to be what was meant by given, and nothing where none is.
func Suggest(given string, candidates []string) string {
	nearest := suggest.Name(given, candidates)
	if nearest == "" {
		return ""
	}
	return fmt.Sprintf(" Did you mean %q?", nearest)
}
