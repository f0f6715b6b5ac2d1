package signature

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
)

// allowedSigner is one line of a file allowed_signers.
type allowedSigner struct {
	principals    string
	key           []byte
	after, before time.Time // zero: no limit
}

// readAllowedSigners reads the lines of a file allowed_signers. Those of keys
// that may not sign for git are passed over.
func readAllowedSigners(text string) ([]allowedSigner, error) {
	var all []allowedSigner
	number := 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		signer, forGit, err := parseAllowedSigner(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		if forGit {
			all = append(all, signer)
		}
	}
	return all, nil
}

func parseAllowedSigner(line string) (s allowedSigner, forGit bool, err error) {
	principals, rest := cutPrincipals(line)
	key, _, options, _, err := ssh.ParseAuthorizedKey([]byte(rest))
	if err != nil || principals == "" {
		return s, false, errors.New(`write it as in "ada@example.com ssh-ed25519 AAAA..."`)
	}
	s = allowedSigner{principals: principals, key: key.Marshal()}
	forGit = true
	for _, option := range options {
		name, value, _ := strings.Cut(option, "=")
		value = strings.Trim(value, `"`)
		switch strings.ToLower(name) {
		case "namespaces":
			forGit = matchesAny(value, namespace)
		case "valid-after":
			s.after, err = parseTime(value)
		case "valid-before":
			s.before, err = parseTime(value)
		case "cert-authority":
			err = errors.New("certificates are not supported: name the keys themselves")
		default:
			err = fmt.Errorf("the option %q is not known: namespaces, valid-after and valid-before are", name)
		}
		if err != nil {
			return s, false, err
		}
	}
	return s, forGit, nil
}

// cutPrincipals takes the first word off a line, which may be in quotes.
func cutPrincipals(line string) (principals, rest string) {
	if quoted, ok := strings.CutPrefix(line, `"`); ok {
		principals, rest, _ = strings.Cut(quoted, `"`)
		return principals, rest
	}
	end := strings.IndexAny(line, " \t")
	if end < 0 {
		return line, ""
	}
	return line[:end], line[end:]
}

// matchesAny reports whether a name is one of those that a list of patterns
// stands for. One with a ! before it counts for more than the others.
func matchesAny(patterns, name string) (found bool) {
	for pattern := range strings.SplitSeq(patterns, ",") {
		pattern, negated := strings.CutPrefix(pattern, "!")
		if ok, err := path.Match(pattern, name); err != nil || !ok {
			continue
		}
		if negated {
			return false
		}
		found = true
	}
	return found
}

// parseTime reads a time as ssh-keygen does: that of this host, unless it ends
// in Z.
func parseTime(text string) (time.Time, error) {
	zone := time.Local
	digits, isUTC := strings.CutSuffix(text, "Z")
	if isUTC {
		zone = time.UTC
	}
	for _, layout := range []string{"20060102", "200601021504", "20060102150405"} {
		if len(digits) == len(layout) {
			return time.ParseInLocation(layout, digits, zone)
		}
	}
	return time.Time{}, fmt.Errorf(`%q is not a time: write it as in "20270131Z" or "202701311200Z"`, text)
}

// allowed returns the principals of a key that was trusted at the time.
func (k *Keys) allowed(key ssh.PublicKey, at time.Time) (string, error) {
	marshaled := key.Marshal()
	known := false
	for _, s := range k.signers {
		if !bytes.Equal(s.key, marshaled) {
			continue
		}
		if known = true; s.isValid(at) {
			return s.principals, nil
		}
	}
	print := ssh.FingerprintSHA256(key)
	if known {
		return "", fmt.Errorf("it is signed with the SSH key %s, which allowed_signers does not allow for %s, when it was made", print, at.UTC().Format(time.RFC3339))
	}
	return "", untrusted("SSH", print, "allowed_signers")
}

func (s allowedSigner) isValid(at time.Time) bool {
	return (s.after.IsZero() || !at.Before(s.after)) && (s.before.IsZero() || at.Before(s.before))
}
