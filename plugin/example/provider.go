package main

import (
	"context"
	"regexp"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// provider offers the types of notes. Its fields are what the block
// provider "notes" holds.
type provider struct {
	MaxLength schema.Bytes `schema:"max_length" default:"16KiB" doc:"The most that the text of a note may have."`
}

var (
	_ plugin.Provider = (*provider)(nil)
	_ plugin.Caller   = (*provider)(nil)
)

// offer is a type, and an instance that its configuration can be decoded into.
type offer struct {
	plugin.Type
	instance plugin.Instance
}

func offers(b block) []offer {
	in := inNotebook{block: b}
	return []offer{
		{plugin.Type{Ref: plugin.TypeRef{Kind: plugin.KindTask, Name: "note"}, Schema: schema.MustFor[task]("Keeps a note in a notebook.")}, &task{inNotebook: in}},
		{plugin.Type{Ref: plugin.TypeRef{Kind: plugin.KindSource, Name: "note"}, Schema: schema.MustFor[data]("Reads a note.")}, &data{inNotebook: in}},
		{plugin.Type{Ref: plugin.TypeRef{Kind: plugin.KindSource, Name: "notes"}, Schema: schema.MustFor[source]("Follows the notes that are added to a notebook."), Emits: true}, &source{in}},
		{plugin.Type{Ref: plugin.TypeRef{Kind: plugin.KindCollector, Name: "notes"}, Schema: schema.MustFor[collector]("Counts the notes of a notebook.")}, &collector{in}},
		{plugin.Type{Ref: plugin.TypeRef{Kind: plugin.KindStage, Name: "tag"}, Schema: schema.MustFor[stage]("Sets the field tag of events.")}, &stage{block: b}},
		{plugin.Type{Ref: plugin.TypeRef{Kind: plugin.KindSink, Name: "notes"}, Schema: schema.MustFor[sink]("Makes a note of each event, with its field key as the key, or else a slug of its text.")}, &sink{in}},
	}
}

// Manifest implements [plugin.Provider].
func (*provider) Manifest(context.Context) (plugin.Manifest, error) {
	m := plugin.Manifest{
		Name: "notes", Version: "1.0.0", Doc: "Keeps notes on the disk.",
		Config: schema.MustFor[provider]("What holds for all notes."),
		Functions: []plugin.Function{{
			Name: "slug", Doc: "Makes a key of a text: lower case letters and digits, with dashes between the words.",
			Parameters: []plugin.Parameter{{Name: "text", Type: cty.String, Doc: "The text."}}, Result: cty.String,
		}},
	}
	for _, o := range offers(block{}) {
		m.Types = append(m.Types, o.Type)
	}
	return m, nil
}

// Configure implements [plugin.Provider].
func (p *provider) Configure(_ context.Context, cfg cty.Value) plugin.Diagnostics {
	if cfg.IsNull() { // there is no such block
		p.MaxLength = 16 << 10
	} else if err := schema.Decode(cfg, p); err != nil {
		return plugin.Error(nil, "Invalid configuration", "%s.", err)
	}
	return nil
}

// Validate implements [plugin.Provider]. What isn't known yet can't be judged,
// nor can anything before the provider is configured.
func (p *provider) Validate(_ context.Context, t plugin.TypeRef, cfg cty.Value) plugin.Diagnostics {
	if t.Kind != plugin.KindTask || p.MaxLength == 0 {
		return nil
	}
	text := cfg.GetAttr("text")
	if text.IsKnown() && !text.IsNull() && len(text.AsString()) > int(p.MaxLength) {
		return plugin.Error(plugin.Attr("text"), "Long note", "The text has %d bytes, and a note may have %d. Shorten it, or raise max_length of the provider.", len(text.AsString()), p.MaxLength)
	}
	return nil
}

// Open implements [plugin.Provider].
func (*provider) Open(_ context.Context, req plugin.OpenRequest) (plugin.Instance, plugin.Diagnostics) {
	for _, o := range offers(block{req}) {
		if o.Ref != req.Type {
			continue
		}
		if err := schema.Decode(req.Config, o.instance); err != nil {
			return nil, plugin.Error(nil, "Invalid configuration", "%s.", err)
		}
		return o.instance, nil
	}
	return nil, plugin.Error(nil, "Unknown type", "The provider notes has no %s.", req.Type)
}

// Close implements [plugin.Provider].
func (*provider) Close() error { return nil }

// Call implements [plugin.Caller].
func (*provider) Call(_ context.Context, _ string, args []cty.Value) (cty.Value, error) {
	return cty.StringVal(slug(args[0].AsString())), nil
}

var others = regexp.MustCompile(`[^a-z0-9]+`)

func slug(text string) string {
	return strings.Trim(others.ReplaceAllString(strings.ToLower(text), "-"), "-")
}

// block is what all instances have in common.
type block struct{ plugin.OpenRequest }

// Close implements [plugin.Instance].
func (block) Close(context.Context) error { return nil }

// inNotebook is a block that is about a notebook.
type inNotebook struct {
	block
	Notebook string `schema:"notebook,required" format:"absolute path" doc:"The file of the notebook."`
}
