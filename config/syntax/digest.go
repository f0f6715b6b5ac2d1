package syntax

import (
	"fmt"
	"io"

	"github.com/hashicorp/hcl/v2"
)

// Digest writes what a body of a file says, whatever its layout and comments,
// for a fingerprint of it. It covers what PartialContent has taken from the
// body, too. It returns false for a body of the native syntax.
func Digest(w io.Writer, from hcl.Body) (bool, error) {
	b, ok := from.(*body)
	if !ok {
		return false, nil
	}
	return true, digest(w, b.node)
}

func digest(w io.Writer, n node) error {
	var err error
	switch n := n.(type) {
	case *objectNode:
		if _, err = fmt.Fprintf(w, "{%d:", len(n.members)); err != nil {
			return err
		}
		for _, m := range n.members {
			if err = digest(w, m.key); err != nil {
				return err
			}
			if err = digest(w, m.value); err != nil {
				return err
			}
		}
	case *arrayNode:
		if _, err = fmt.Fprintf(w, "[%d:", len(n.items)); err != nil {
			return err
		}
		for _, item := range n.items {
			if err = digest(w, item); err != nil {
				return err
			}
		}
	case *stringNode:
		_, err = fmt.Fprintf(w, "%d:%s", len(n.text), n.text)
	case *numberNode:
		_, err = fmt.Fprintf(w, "#%s;", n.text)
	case *boolNode:
		_, err = fmt.Fprintf(w, "?%t;", n.value)
	default:
		_, err = io.WriteString(w, "~")
	}
	return err
}
