package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"time"
)

// note is one line of a notebook, in JSON.
type note struct {
	Key  string    `json:"key"`
	Text string    `json:"text"`
	Tag  string    `json:"tag,omitempty"`
	Time time.Time `json:"time"`
}

// add writes notes to the end of a notebook. They are on the disk when it
// returns nil.
func add(path string, notes ...note) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(format(notes...))
	return errors.Join(err, f.Sync(), f.Close())
}

// format begins with an empty line. It ends one that was cut off when its
// writer was killed.
func format(notes ...note) []byte {
	text := []byte{'\n'}
	for _, n := range notes {
		line, _ := json.Marshal(n) // strings and a time can't fail
		text = append(append(text, line...), '\n')
	}
	return text
}

// parse passes over lines that are empty or were cut off.
func parse(text []byte) []note {
	var notes []note
	for line := range bytes.Lines(text) {
		var n note
		if json.Unmarshal(line, &n) == nil {
			notes = append(notes, n)
		}
	}
	return notes
}

// latest returns the last note with a key, nil where there is none.
func latest(text []byte, key string) *note {
	for _, n := range slices.Backward(parse(text)) {
		if n.Key == key {
			return &n
		}
	}
	return nil
}
