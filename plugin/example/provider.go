// Driftless-plugin-notes is a provider that keeps notes on the disk. It is an
// example, made to be read and copied: a type of each kind, and a function.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/schema"
)

func main() { plugin.Serve(newProvider()) }

// settings are what the block provider "notes" holds.
type settings struct {
	MaxLength schema.Bytes `schema:"max_length" default:"16KiB" doc:"The most that the text of a note may have."`
}

func newProvider() *plugin.Registry {
	var s settings
	return plugin.New(plugin.Info{Name: "notes", Version: "1.0.0", Doc: "Keeps notes on the disk."},
		plugin.Settings("What holds for all notes.", &s),
		plugin.TaskOf[task]("note", "Keeps a note in a notebook.", s.checkLength),
		plugin.DataOf[data]("note", "Reads a note."),
		plugin.SourceOf[source]("notes", "Follows the notes that are added to a notebook."),
		plugin.CollectorOf[collector]("notes", "Counts the notes of a notebook."),
		plugin.StageOf[stage]("tag", "Sets the field tag of events."),
		plugin.SinkOf[sink]("notes", "Makes a note of each event, with its field key as the key, or else a slug of its text."),
		plugin.Func("slug", "Makes a key of a text: lower case letters and digits, with dashes between the words.", slug, plugin.Parameter{Name: "text", Doc: "The text."}),
	)
}

func slug(text string) string {
	other := func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') }
	return strings.Join(strings.FieldsFunc(strings.ToLower(text), other), "-")
}

// inNotebook is what all blocks have that are about a notebook.
type inNotebook struct {
	plugin.Opened
	Notebook string `schema:"notebook,required" format:"absolute path" doc:"The file of the notebook."`
}

// note is one line of a notebook, in JSON.
type note struct {
	Key  string    `json:"key"`
	Text string    `json:"text"`
	Tag  string    `json:"tag,omitempty"`
	Time time.Time `json:"time"`
}

// add writes notes to the end of a notebook, so that they are on the disk.
func add(path string, notes ...note) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(format(notes...))
	return errors.Join(err, f.Sync(), f.Close())
}

// format begins each note with an empty line, which ends one that was cut off.
func format(notes ...note) (text []byte) {
	for _, n := range notes {
		line, _ := json.Marshal(n) // strings and a time can't fail
		text = fmt.Appendf(text, "\n%s\n", line)
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

// byKey returns the last note with each key.
func byKey(text []byte) map[string]note {
	notes := make(map[string]note)
	for _, n := range parse(text) {
		notes[n.Key] = n
	}
	return notes
}
