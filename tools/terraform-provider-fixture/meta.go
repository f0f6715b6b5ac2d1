package main

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/types"
)

// meta is what a file has beside its content. It is kept in a file of its own,
// whose name ends in .meta, so that a test makes drift of any kind of value.
type meta struct {
	Tags  map[string]string `json:"tags,omitempty"`
	Items []string          `json:"items,omitempty"`
	Note  *string           `json:"note,omitempty"`
	Ratio *float64          `json:"ratio,omitempty"`
}

func metaFile(path string) string { return path + ".meta" }

// learnMeta takes over what the file says, where there is one.
func (m *fileModel) learnMeta() error {
	data, err := os.ReadFile(metaFile(m.Path.ValueString()))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var found meta
	if err := json.Unmarshal(data, &found); err != nil {
		return err
	}
	m.Tags, m.Items = nil, nil
	for name, value := range found.Tags {
		if m.Tags == nil {
			m.Tags = map[string]types.String{}
		}
		m.Tags[name] = types.StringValue(value)
	}
	for _, item := range found.Items {
		m.Items = append(m.Items, types.StringValue(item))
	}
	m.Note, m.Ratio = types.StringPointerValue(found.Note), types.Float64PointerValue(found.Ratio)
	return nil
}

// writeMeta writes the file, where there is something to write.
func (m *fileModel) writeMeta() error {
	if len(m.Tags) == 0 && len(m.Items) == 0 && m.Note.IsNull() && m.Ratio.IsNull() {
		return nil
	}
	wanted := meta{Note: m.Note.ValueStringPointer(), Ratio: m.Ratio.ValueFloat64Pointer(), Tags: map[string]string{}}
	for name, value := range m.Tags {
		wanted.Tags[name] = value.ValueString()
	}
	for _, item := range m.Items {
		wanted.Items = append(wanted.Items, item.ValueString())
	}
	data, err := json.Marshal(wanted)
	if err != nil {
		return err
	}
	return os.WriteFile(metaFile(m.Path.ValueString()), data, 0o644)
}
