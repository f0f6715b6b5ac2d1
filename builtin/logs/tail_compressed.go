package logs

import "bytes"

// magics are the first bytes of compressed files.
var magics = [...]struct{ format, bytes string }{
	{"gzip", "\x1f\x8b\x08"},
	{"zstd", "\x28\xb5\x2f\xfd"},
	{"xz", "\xfd7zXZ\x00"},
	{"bzip2", "BZh91AY&SY"},
}

// compression returns the format that a file is compressed in, empty for one
// that is not.
func compression(raw []byte) string {
	for _, magic := range magics {
		if bytes.HasPrefix(raw, []byte(magic.bytes)) {
			return magic.format
		}
	}
	return ""
}

// ignore leaves out a compressed file. It holds no lines, and is as a rule a
// log that was read before it was compressed.
func (t *tailer) ignore(one *tail, format string) {
	if !one.ignored {
		t.log.Info("a compressed file is not read", "path", one.path, "format", format)
	}
	one.ignored = true
	one.close()
}
