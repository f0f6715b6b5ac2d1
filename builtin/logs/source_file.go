package logs

import (
	"context"
	"path/filepath"
	"strings"
	"time"

	"github.com/bmatcuk/doublestar/v4"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/schema"
)

const maxMaxLine = 64 << 20

func fileType() plugin.Type {
	return plugin.Type{
		Ref:   plugin.TypeRef{Kind: plugin.KindSource, Name: "file"},
		Emits: true,
		Schema: &schema.Block{
			Doc: "Follows log files and emits each line as an event. A file is known by its content, so that it may be renamed, copied and truncated, deleted or rotated while the agent is down: no line is lost, and none comes twice but after a crash. Empty lines are left out, and so are compressed files.",
			Attributes: []schema.Attribute{
				{Name: "paths", Type: cty.List(cty.String), Required: true, Doc: "Patterns of the files to follow; `**` stands for any number of directories. Let them match the rotated files too, such as `/var/log/app.log*`: then nothing is lost when files are rotated while the agent is down."},
				{Name: "exclude", Type: cty.List(cty.String), Doc: "Patterns of files to leave out. One without a slash is compared with the file's name, any other with the whole path."},
				{Name: "start_at", Type: cty.String, Default: cty.StringVal("end"), Enum: []string{"end", "beginning"}, Doc: "Where to begin in files that are there at the very first start. Files that appear later are read from their beginning."},
				{Name: "max_line", Type: cty.String, Default: cty.StringVal("1MiB"), Format: schema.Size, Doc: "How much of a line is kept. The event of a longer one has the field `truncated`."},
				{Name: "ignore_older", Type: cty.String, Format: schema.Duration, Doc: "Leave out files without a saved position that were last written to longer ago than this. One that is written to again is read from its beginning."},
			},
		},
	}
}

type fileConfig struct {
	Paths       []string      `schema:"paths"`
	Exclude     []string      `schema:"exclude"`
	StartAt     string        `schema:"start_at"`
	MaxLine     schema.Bytes  `schema:"max_line"`
	IgnoreOlder time.Duration `schema:"ignore_older"`
}

func (c fileConfig) fromBeginning() bool { return c.StartAt == "beginning" }

// validateFile checks what is known of a configuration.
func validateFile(cfg cty.Value) plugin.Diagnostics {
	var diags plugin.Diagnostics
	paths := cfg.GetAttr("paths")
	if paths.IsKnown() && !paths.IsNull() && paths.LengthInt() == 0 {
		diags = append(diags, plugin.Error(plugin.Attr("paths"), "No files to follow",
			"The list of patterns is empty. Name at least one, such as \"/var/log/app.log*\".")...)
	}
	diags = append(diags, validatePatterns("paths", paths)...)
	diags = append(diags, validatePatterns("exclude", cfg.GetAttr("exclude"))...)
	return append(diags, validateMaxLine(cfg.GetAttr("max_line"))...)
}

func validatePatterns(attribute string, list cty.Value) plugin.Diagnostics {
	if list.IsNull() || !list.IsKnown() {
		return nil
	}
	var diags plugin.Diagnostics
	for it := list.ElementIterator(); it.Next(); {
		key, pattern := it.Element()
		if !pattern.IsKnown() {
			continue
		}
		path := plugin.Attr(attribute).Index(key)
		if pattern.IsNull() || pattern.AsString() == "" || !doublestar.ValidatePathPattern(pattern.AsString()) {
			diags = append(diags, plugin.Error(path, "Invalid pattern",
				"This is not a pattern of file names. Write it as in \"/var/log/**/*.log\"; brackets and braces must be closed.")...)
		}
	}
	return diags
}

func validateMaxLine(size cty.Value) plugin.Diagnostics {
	if size.IsNull() || !size.IsKnown() {
		return nil
	}
	n, err := schema.ParseSize(size.AsString())
	if err == nil && n >= 1 && n <= maxMaxLine {
		return nil
	}
	return plugin.Error(plugin.Attr("max_line"), "Invalid line length",
		"A line can be from 1 byte to 64MiB long, and %q is not in that range.", size.AsString())
}

// fileSource is a plugin.Source of the lines of files.
type fileSource struct {
	config fileConfig
	globs  globs
	addr   string
	env    plugin.Env
}

var _ plugin.Source = (*fileSource)(nil)

func openFile(req plugin.OpenRequest) (plugin.Instance, plugin.Diagnostics) {
	if diags := validateFile(req.Config); diags.HasErrors() {
		return nil, diags
	}
	var config fileConfig
	if err := schema.Decode(req.Config, &config); err != nil {
		return nil, plugin.Error(nil, "Invalid configuration", "The source can't be opened: %s.", err)
	}
	found := globs{exclude: config.Exclude}
	for _, pattern := range config.Paths {
		absolute, err := filepath.Abs(pattern)
		if err != nil {
			return nil, plugin.Error(plugin.Attr("paths"), "Relative path without a directory",
				"The pattern %q is relative, and the agent's working directory is not known: %s. Write an absolute path.", pattern, err)
		}
		found.patterns = append(found.patterns, absolute)
	}
	for i, pattern := range found.exclude {
		if strings.HasPrefix(pattern, "./") || strings.HasPrefix(pattern, "../") {
			if absolute, err := filepath.Abs(pattern); err == nil {
				found.exclude[i] = absolute
			}
		}
	}
	return &fileSource{config, found, req.Addr, req.Env}, nil
}

// Run implements [plugin.Source].
func (s *fileSource) Run(ctx context.Context, out plugin.Emitter) error {
	hints := newHints(s.env.Log)
	defer func() { _ = hints.close() }() // nobody waits for hints any more
	return newTailer(s.config, s.globs, s.addr, s.env).run(ctx, out, hints)
}

// Close implements [plugin.Instance]. What is open belongs to Run.
func (s *fileSource) Close(context.Context) error { return nil }
