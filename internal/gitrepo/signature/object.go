package signature

import (
	"bytes"
	"errors"
	"strconv"
	"strings"
	"time"
)

// header is where a commit has its signature.
const header = "gpgsig"

// splitCommit takes the signature out of the headers of a commit. Its further
// lines begin with a space.
func splitCommit(object []byte) (signed, error) {
	var s signed
	inSignature := false
	rest := object
	for len(rest) > 0 && rest[0] != '\n' {
		line := nextLine(rest)
		rest = rest[len(line):]
		value, begins := bytes.CutPrefix(line, []byte(header+" "))
		switch {
		case inSignature && line[0] == ' ':
			s.signature = append(s.signature, line[1:]...)
		case begins && s.signature == nil:
			s.signature, inSignature = append([]byte{}, value...), true
		case bytes.HasPrefix(line, []byte(header)):
			return signed{}, errors.New("it has more than one signature")
		default:
			s.payload, inSignature = append(s.payload, line...), false
		}
	}
	s.payload = append(s.payload, rest...)
	return s, nil
}

// splitTag takes the signature off the end of a tag.
func splitTag(object []byte) signed {
	end := len(object)
	for at := 0; at < len(object); {
		line := nextLine(object[at:])
		if bytes.HasPrefix(line, []byte(beginPGP)) || bytes.HasPrefix(line, []byte(beginSSH)) {
			end = at
		}
		at += len(line)
	}
	return signed{payload: object[:end], signature: object[end:]}
}

func nextLine(text []byte) []byte {
	if end := bytes.IndexByte(text, '\n'); end >= 0 {
		return text[:end+1]
	}
	return text
}

// Tag is what an annotated tag says.
type Tag struct {
	Name   string
	Commit string // the hash of what it names
}

// parseTag reads the first headers of a tag, in the order that git writes.
func parseTag(payload []byte) (Tag, error) {
	lines := strings.SplitN(string(payload), "\n", 4)
	if len(lines) < 4 {
		return Tag{}, errNoTag
	}
	commit, isObject := strings.CutPrefix(lines[0], "object ")
	name, isName := strings.CutPrefix(lines[2], "tag ")
	if !isObject || lines[1] != "type commit" || !isName {
		return Tag{}, errNoTag
	}
	return Tag{Name: name, Commit: commit}, nil
}

var errNoTag = errors.New("what is signed is not the tag of a commit")

// madeAt is when a commit or a tag says that it was made, by its first committer
// or tagger. It is false where it doesn't say.
func madeAt(payload []byte) (time.Time, bool) {
	headers, _, _ := bytes.Cut(payload, []byte("\n\n"))
	for line := range bytes.Lines(headers) {
		if !bytes.HasPrefix(line, []byte("committer ")) && !bytes.HasPrefix(line, []byte("tagger ")) {
			continue
		}
		_, date, _ := bytes.Cut(line, []byte("> "))
		text, _, _ := strings.Cut(string(date), " ")
		seconds, err := strconv.ParseInt(text, 10, 64)
		return time.Unix(seconds, 0), err == nil
	}
	return time.Time{}, false
}
