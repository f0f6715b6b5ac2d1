package main

import (
	"maps"
	"os"
	"path/filepath"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/event"
	"github.com/driftless-hq/driftless/plugin/plugintest"
)

// inBook is a block about the notebook "book" of a test, with more arguments.
// The notebook has three notes with two keys.
func inBook(kind plugin.Kind, name string, more plugintest.Config) plugintest.Example {
	return plugintest.Example{
		Type: plugin.TypeRef{Kind: kind, Name: name},
		Config: func(dir string) plugintest.Config {
			config := plugintest.Config{"notebook": filepath.Join(dir, "book")}
			maps.Copy(config, more)
			return config
		},
		Prepare: func(t *testing.T, dir string) {
			writeNotes(t, dir, note{Key: "milk", Text: "one"}, note{Key: "bread", Text: "two"}, note{Key: "milk", Text: "three"})
		},
	}
}

func writeNotes(t *testing.T, dir string, notes ...note) {
	t.Helper()
	if err := add(filepath.Join(dir, "book"), notes...); err != nil {
		t.Fatal(err)
	}
}

func tag() plugintest.Example {
	return plugintest.Example{
		Type:   plugin.TypeRef{Kind: plugin.KindStage, Name: "tag"},
		Config: func(string) plugintest.Config { return plugintest.Config{"tag": "new"} },
	}
}

func TestTheProviderKeepsItsPromises(t *testing.T) {
	plugintest.Conformance(t, newProvider,
		inBook(plugin.KindTask, "note", plugintest.Config{"key": "milk", "text": "four"}),
		inBook(plugin.KindSource, "note", plugintest.Config{"key": "milk"}),
		inBook(plugin.KindSource, "notes", nil),
		inBook(plugin.KindCollector, "notes", nil),
		inBook(plugin.KindSink, "notes", nil),
		tag(),
	)
}

func TestATaskKeepsANote(t *testing.T) {
	plugintest.Acceptance(t, newProvider, plugintest.Task{
		Example: inBook(plugin.KindTask, "note", plugintest.Config{"key": "milk", "text": "four"}),
		Disturb: func(t *testing.T, dir string) { writeNotes(t, dir, note{Key: "milk", Text: "five"}) },
	})
}

func TestASourceReadsANote(t *testing.T) {
	for _, key := range []string{"milk", "missing"} {
		plugintest.Acceptance(t, newProvider, plugintest.Data{Example: inBook(plugin.KindSource, "note", plugintest.Config{"key": key})})
	}
}

func TestASourceFollowsANotebook(t *testing.T) {
	plugintest.Acceptance(t, newProvider, plugintest.Source{
		Example: inBook(plugin.KindSource, "notes", nil), Want: []string{"one", "two", "three"},
	})
}

func TestACollectorCountsNotes(t *testing.T) {
	plugintest.Acceptance(t, newProvider, plugintest.Collector{
		Example: inBook(plugin.KindCollector, "notes", nil), Want: []string{"notes_count"},
	})
}

func TestAStageTagsEvents(t *testing.T) {
	plugintest.Acceptance(t, newProvider, plugintest.Stage{
		Example: tag(),
		In:      func(b *event.Builder) { b.Log(time.Unix(1, 0), []byte("hello")) },
		Want:    []string{`{"timestamp":"1970-01-01T00:00:01Z","message":"hello","tag":"new"}`},
	})
}

func TestASinkMakesNotesOfEvents(t *testing.T) {
	plugintest.Acceptance(t, newProvider, plugintest.Sink{
		Example: inBook(plugin.KindSink, "notes", nil),
		In: func(b *event.Builder) {
			b.Log(time.Unix(0, 0), []byte("Hello, world!"))
			b.Log(time.Unix(0, 0), []byte("four"))
			b.String("key", "milk")
		},
		Received: func(t *testing.T, dir string) []string {
			content, err := os.ReadFile(filepath.Join(dir, "book"))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, n := range parse(content) {
				got = append(got, n.Key+": "+n.Text)
			}
			return got
		},
		Want: []string{"hello-world: Hello, world!", "milk: four"},
	})
}

func TestALongNoteIsNotOpened(t *testing.T) {
	short := settings{MaxLength: 3}
	if diags := short.checkLength(t.Context(), &task{Text: "long"}); !diags.HasErrors() || !diags[0].Path.Equals(plugin.Attr("text")) {
		t.Errorf("got %v", diags)
	}
	if diags := short.checkLength(t.Context(), &task{Text: "tea"}); diags.HasErrors() {
		t.Errorf("of one that is as long as it may be: %v", diags)
	}
}

func TestALineThatWasCutOffIsPassedOver(t *testing.T) {
	text := append(format(note{Key: "a", Text: "one"}), `{"key":"a","te`...)
	text = append(text, format(note{Key: "b", Text: "two"})...)
	if notes := parse(text); len(notes) != 2 || notes[1].Text != "two" {
		t.Errorf("got %v", notes)
	}
}

func TestSlug(t *testing.T) {
	for text, want := range map[string]string{"Hello, World!": "hello-world", "--": "", "a1 B2": "a1-b2"} {
		if got := slug(text); got != want {
			t.Errorf("slug(%q) is %q, want %q", text, got, want)
		}
	}
}

func FuzzANoteIsReadAsItWasWritten(f *testing.F) {
	f.Add("milk", "two litres", `{"key":"a","te`)
	f.Add("", "", "null\n[]\n\n")
	f.Fuzz(func(t *testing.T, key, text, before string) {
		if !utf8.ValidString(key) || !utf8.ValidString(text) {
			t.Skip("texts of a configuration are valid")
		}
		written := append([]byte(before), format(note{Key: key, Text: text})...)
		if found, ok := byKey(written)[key]; !ok || found.Text != text {
			t.Errorf("wrote %q: %q and read %v", key, text, found)
		}
	})
}
