package protocol

import "strings"

// ValidText makes a text for people one that the wire takes: what is not UTF-8 in
// it becomes the sign for that.
func ValidText(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }

// ValidTexts is [ValidText] for each of a list. Nil stays nil.
func ValidTexts(list []string) []string {
	if list == nil {
		return nil
	}
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = ValidText(s)
	}
	return out
}

// PackNames packs names and paths, which may be of any bytes. Nil stays nil.
func PackNames(names []string) [][]byte {
	if names == nil {
		return nil
	}
	out := make([][]byte, len(names))
	for i, name := range names {
		out[i] = []byte(name)
	}
	return out
}

// UnpackNames reads what [PackNames] has packed.
func UnpackNames(packed [][]byte) []string {
	if packed == nil {
		return nil
	}
	out := make([]string, len(packed))
	for i, name := range packed {
		out[i] = string(name)
	}
	return out
}
