package webhook

import (
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
)

// signature returns the bytes of the signature in a header, nothing where
// there is none that can be read.
func (c Config) signature(header http.Header) []byte {
	text := header.Get("X-Gitea-Signature")
	if c.Provider == GitHub {
		prefixed := header.Get("X-Hub-Signature-256")
		var ok bool
		if text, ok = strings.CutPrefix(prefixed, "sha256="); !ok {
			return nil
		}
	}
	signature, err := hex.DecodeString(text)
	if err != nil {
		return nil
	}
	return signature
}

// isPush reports whether a message is about branches or tags.
func (c Config) isPush(header http.Header) bool {
	switch c.Provider {
	case GitHub:
		return slices.Contains([]string{"push", "create", "delete"}, header.Get("X-GitHub-Event"))
	case GitLab:
		return slices.Contains([]string{"Push Hook", "Tag Push Hook"}, header.Get("X-Gitlab-Event"))
	default:
		return slices.Contains([]string{"push", "create", "delete"}, header.Get("X-Gitea-Event"))
	}
}
