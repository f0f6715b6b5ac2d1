package reference

import (
	"slices"
	"strconv"
	"strings"

	"github.com/driftless-hq/driftless/config/lang"
)

// Topic is one thing that can be looked up. One of its fields is set.
type Topic struct {
	Block    *Block    `json:"block,omitempty"`
	Type     *Type     `json:"type,omitempty"`
	Provider *Provider `json:"provider,omitempty"`
	Facts    *Facts    `json:"facts,omitempty"`
	Function *Function `json:"function,omitempty"`
}

// Topic looks up a block ("agent"), a type ("task.file"), a provider's
// settings ("provider.vault"), a group of facts ("fact.os") or a function.
func (r *Reference) Topic(name string) (Topic, bool) {
	for i := range r.Blocks {
		if r.Blocks[i].Name == name {
			return Topic{Block: &r.Blocks[i]}, true
		}
	}
	for i := range r.Types {
		if r.Types[i].Name == name {
			return Topic{Type: &r.Types[i]}, true
		}
	}
	for i := range r.Providers {
		if "provider."+r.Providers[i].Name == name {
			return Topic{Provider: &r.Providers[i]}, true
		}
	}
	for i := range r.Facts {
		if "fact."+r.Facts[i].Name == name {
			return Topic{Facts: &r.Facts[i]}, true
		}
	}
	for i := range r.Functions {
		if r.Functions[i].Name == name {
			return Topic{Function: &r.Functions[i]}, true
		}
	}
	return Topic{}, false
}

// Names returns the names of all topics.
func (r *Reference) Names() []string {
	var names []string
	for _, b := range r.Blocks {
		names = append(names, b.Name)
	}
	for _, t := range r.Types {
		names = append(names, t.Name)
	}
	for _, p := range r.Providers {
		names = append(names, "provider."+p.Name)
	}
	for _, f := range r.Facts {
		names = append(names, "fact."+f.Name)
	}
	for _, f := range r.Functions {
		names = append(names, f.Name)
	}
	return names
}

// Suggest says what was probably meant by a name that is no topic: one that
// ends in it, such as "task.file" for "file", or one that is spelled alike.
func (r *Reference) Suggest(name string) string {
	longer := r.Namesakes(name)
	if len(longer) == 0 {
		return lang.Suggest(name, r.Names())
	}
	for i := range longer {
		longer[i] = strconv.Quote(longer[i])
	}
	return " Did you mean " + strings.Join(longer, " or ") + "?"
}

// Namesakes returns the topics whose name ends in that of another, as those of
// "task.file" and "sink.file" end in that of the function "file".
func (r *Reference) Namesakes(name string) []string {
	return slices.DeleteFunc(r.Names(), func(known string) bool { return !strings.HasSuffix(known, "."+name) })
}

// TypesOf returns the types of a kind.
func (r *Reference) TypesOf(kind string) []Type {
	return slices.DeleteFunc(slices.Clone(r.Types), func(t Type) bool { return t.Kind != kind })
}

// FirstSentence ends at the first full stop that a capital follows.
func FirstSentence(doc string) string {
	for i := range len(doc) - 2 {
		if doc[i] == '.' && doc[i+1] == ' ' && doc[i+2] >= 'A' && doc[i+2] <= 'Z' {
			return doc[:i+1]
		}
	}
	return doc
}

// Nature says what a block of the type is good for in the graph, nothing
// where its kind says so already.
func (t Type) Nature() string {
	switch {
	case t.DetectOnly:
		return "It only ever reports: `enforcement` can be `detect` or `off`."
	case t.EnforcedBy != "":
		return "It only reports, unless `enforcement` is `enforce` and there is a block `" + t.EnforcedBy + "`."
	case t.Kind == "source" && t.Emits:
		return "It emits events, so that a pipeline can start at it."
	case t.Kind == "source":
		return "It has values that others refer to, and emits no events."
	}
	return ""
}
