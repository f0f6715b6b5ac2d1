// Package diff compares two texts line by line and shows the difference as
// the unified diff that patch(1) takes.
//
//	text := diff.Unified(before, after, diff.Options{FromName: "/etc/motd", ToName: "/etc/motd"})
package diff

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// Context is how many unchanged lines surround a change unless told otherwise.
const Context = 3

// Options says how [Unified] shows a difference.
type Options struct {
	Context          int // unchanged lines around a change; 0 is [Context], negative is none
	FromName, ToName string
	// MaxLines is how many lines of hunks are shown at most; 0 is no limit.
	// A cut diff says so at its end, and is not for patch(1) any more.
	MaxLines int
}

// Unified returns the difference from a to b, "" where there is none. Bytes
// that are not text are compared by size and checksum only.
func Unified(a, b []byte, opt Options) string {
	if bytes.Equal(a, b) {
		return ""
	}
	if IsBinary(a) || IsBinary(b) {
		return fmt.Sprintf("Binary files differ: %s → %s\n", fingerprint(a), fingerprint(b))
	}
	var out strings.Builder
	fmt.Fprintf(&out, "--- %s\n+++ %s\n", headerName(opt.FromName), headerName(opt.ToName))
	room := opt.MaxLines
	hidden := 0
	for _, h := range Hunks(a, b, opt.Context) {
		if opt.MaxLines > 0 && room < len(h.Lines) {
			hidden += len(h.Lines) - room
			h.Lines = h.Lines[:room]
		}
		if len(h.Lines) > 0 {
			h.write(&out)
		}
		room -= len(h.Lines)
	}
	if hidden > 0 {
		fmt.Fprintf(&out, "[%d more lines are not shown]\n", hidden)
	}
	return out.String()
}

// IsBinary reports whether p holds a zero byte, which no text does.
func IsBinary(p []byte) bool { return bytes.IndexByte(p, 0) >= 0 }

func fingerprint(p []byte) string {
	return fmt.Sprintf("%d B sha256 %x", len(p), sha256.Sum256(p))
}

// headerName quotes a name that would break the header's line.
func headerName(name string) string {
	if strings.ContainsFunc(name, unicode.IsControl) {
		return strconv.Quote(name)
	}
	return name
}
