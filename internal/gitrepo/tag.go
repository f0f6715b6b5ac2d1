package gitrepo

import (
	"fmt"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/hashicorp/go-version"
)

// CheckTag returns an error where a tag is written as a constraint on versions
// and is none that can be understood. A constraint begins with an operator, as
// in "~> 1.2" or ">= 1.0, < 3"; anything else is the name of a tag.
func CheckTag(tag string) error {
	if !isConstraint(tag) {
		return nil
	}
	if _, err := version.NewConstraint(tag); err != nil {
		return fmt.Errorf("%q is not a constraint on versions: write it as in \"~> 1.2\" or \">= 1.0, < 3\"", tag)
	}
	return nil
}

func isConstraint(tag string) bool {
	return tag != "" && strings.ContainsRune("~<>=!", rune(tag[0]))
}

// newestTag returns the tag with the highest version that a constraint allows.
// Tags that are no semantic version are passed over; of two with the same
// version, such as v1.2.0 and 1.2.0, the one that sorts last counts.
func newestTag(refs references, constraint string) (plumbing.ReferenceName, bool) {
	allowed, err := version.NewConstraint(constraint)
	if err != nil {
		return "", false
	}
	var newest plumbing.ReferenceName
	var highest *version.Version
	for name := range refs {
		if !name.IsTag() || strings.HasSuffix(name.String(), peeled) {
			continue
		}
		v, err := version.NewSemver(name.Short())
		if err != nil || !allowed.Check(v) {
			continue
		}
		if highest == nil || v.GreaterThan(highest) || v.Equal(highest) && name > newest {
			newest, highest = name, v
		}
	}
	return newest, highest != nil
}
