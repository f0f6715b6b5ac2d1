package files

import (
	"encoding/json"

	"github.com/driftless-hq/driftless/plugin"
)

// stream is content that is copied from a file without holding it in memory.
type stream struct {
	Path     exactString
	Size     int64
	Checksum string
}

// payload is what Apply needs beside the values of a change.
type payload struct {
	// Dir is the directory of the path, free of symbolic links.
	Dir exactString
	// File is what is to be at the path; nil is nothing.
	File *plugin.File `json:",omitempty"`
	// Content says that the change stands for the content too, so that
	// Apply must find the content that the plan found.
	Content bool
	Stream  *stream `json:",omitempty"`
	Backup  bool
}

func encodePayload(p payload) []byte {
	encoded, err := json.Marshal(p)
	if err != nil {
		// Strings, numbers and structs of them always have an encoding.
		panic(err)
	}
	return encoded
}

// exactString is a string that JSON keeps byte for byte: the name of a file
// need not be UTF-8.
type exactString string

// MarshalJSON implements [json.Marshaler].
func (s exactString) MarshalJSON() ([]byte, error) { return json.Marshal([]byte(s)) }

// UnmarshalJSON implements [json.Unmarshaler].
func (s *exactString) UnmarshalJSON(encoded []byte) error {
	var raw []byte
	err := json.Unmarshal(encoded, &raw)
	*s = exactString(raw)
	return err
}
