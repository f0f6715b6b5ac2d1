package sinks

import (
	"context"
	"io/fs"
	"time"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/builtin/sinks/logfile"
	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/schema"
)

func fileSchema() *schema.Block {
	return &schema.Block{
		Doc: "Appends events to files. A crash leaves no half lines behind, and a write that fails is taken back whole before it is repeated. " +
			"No other program, and no other sink, should write to the same files.",
		Attributes: []schema.Attribute{
			{Name: "path", Type: cty.String, Required: true, Format: schema.AbsolutePath,
				Doc: "The file to append to. It may hold %Y, %m, %d, %H, %M, %S, %j (the event's time in UTC; %% is a percent sign) and fields of the event such as {host}. " +
					"In the value of a field, whatever could lead to another directory becomes an underscore; a field that an event lacks is \"unknown\". Missing directories are made."},
			formatAttribute("json", "json", "ndjson", "raw", "text", "logfmt"),
			metadataAttribute(),
			{Name: "mode", Type: cty.String, Default: cty.StringVal("0640"), Format: schema.Mode,
				Doc: "The mode of a file that is made."},
			{Name: "fsync", Type: cty.Bool, Default: cty.False,
				Doc: "Whether a batch counts as delivered only when it is on the disk, so that it survives the loss of power."},
			{Name: "compression", Type: cty.String, Default: cty.StringVal("none"), Enum: []string{"none", "gzip", "zstd"},
				Doc: "How files are compressed after they were rotated away."},
		},
		Blocks: []schema.Nested{{Name: "rotate", Nesting: schema.Single, Block: rotateSchema()}},
	}
}

func rotateSchema() schema.Block {
	return schema.Block{
		Doc: "When a file is renamed to NAME-20060102T150405.000Z.EXT and a new one begun, and how many of those are kept.",
		Attributes: []schema.Attribute{
			{Name: "max_size", Type: cty.String, Format: schema.Size,
				Doc: "The size that a file doesn't exceed, unless a single batch does. Left out, size doesn't matter."},
			{Name: "max_age", Type: cty.String, Format: schema.Duration,
				Doc: "The age at which a file is rotated, when the next event comes. Left out, age doesn't matter."},
			{Name: "max_files", Type: cty.Number,
				Doc: "How many rotated files of each path are kept; the oldest go first. Left out, all are kept. No file is removed but those that were rotated."},
		},
	}
}

type fileConfig struct {
	Path        string        `schema:"path"`
	Format      string        `schema:"format"`
	Metadata    bool          `schema:"metadata"`
	Mode        string        `schema:"mode"`
	Fsync       bool          `schema:"fsync"`
	Compression string        `schema:"compression"`
	Rotate      *rotateConfig `schema:"rotate"`
}

type rotateConfig struct {
	MaxSize  schema.Bytes  `schema:"max_size"`
	MaxAge   time.Duration `schema:"max_age"`
	MaxFiles int           `schema:"max_files"`
}

func validateFile(cfg cty.Value) plugin.Diagnostics {
	var diags plugin.Diagnostics
	if path, ok := knownString(cfg, "path"); ok {
		if _, err := parsePath(path); err != nil {
			diags = append(diags, plugin.Error(plugin.Attr("path"), "Invalid path of a file sink", "The path %q can't be used: %s.", path, err)...)
		}
	}
	rotate, ok := knownBlock(cfg, "rotate")
	if !ok {
		return diags
	}
	at := plugin.Attr("rotate")
	if size, ok := knownString(rotate, "max_size"); ok {
		if n, err := schema.ParseSize(size); err == nil && n < 1 {
			diags = append(diags, plugin.Error(at.GetAttr("max_size"), "Invalid rotation", "A file of %s can't hold anything: give a larger max_size, or leave it out.", size)...)
		}
	}
	if age, ok := knownString(rotate, "max_age"); ok {
		if d, err := schema.ParseDuration(age); err == nil && d < time.Second {
			diags = append(diags, plugin.Error(at.GetAttr("max_age"), "Invalid rotation", "A max_age of %s is too short: give at least one second, or leave it out.", age)...)
		}
	}
	if n := rotate.GetAttr("max_files"); n.IsKnown() && !n.IsNull() {
		if whole, accuracy := n.AsBigFloat().Int64(); whole < 1 || whole > 1_000_000 || accuracy != 0 {
			diags = append(diags, plugin.Error(at.GetAttr("max_files"), "Invalid rotation", "The number of files to keep must be a whole number from 1 to 1,000,000; leave max_files out to keep all.")...)
		}
	}
	return diags
}

func openFile(ctx context.Context, req plugin.OpenRequest) (plugin.Sink, plugin.Diagnostics) {
	var cfg fileConfig
	if err := schema.Decode(req.Config, &cfg); err != nil {
		return nil, plugin.Error(nil, "Invalid sink configuration", "%s", err)
	}
	if cfg.Rotate == nil {
		cfg.Rotate = &rotateConfig{}
	}
	path, err := parsePath(cfg.Path)
	if err != nil {
		return nil, plugin.Error(plugin.Attr("path"), "Invalid path of a file sink", "%s", err)
	}
	mode, err := schema.ParseMode(cfg.Mode)
	if err != nil {
		return nil, plugin.Error(plugin.Attr("mode"), "Invalid mode", "%s", err)
	}
	encode, diags := newEncoder(cfg.Format, cfg.Metadata)
	if diags.HasErrors() {
		return nil, diags
	}
	options := logfile.Options{
		Mode:    fs.FileMode(mode).Perm(),
		Sync:    cfg.Fsync,
		MaxSize: int64(cfg.Rotate.MaxSize),
		MaxAge:  cfg.Rotate.MaxAge,
		Now:     req.Env.Now,
	}
	keep := logfile.Keep{MaxFiles: cfg.Rotate.MaxFiles, Compression: logfile.Compression(cfg.Compression)}
	files := newFilePool(options, newJanitor(keep, req.Env.Log), req.Env)
	if err := files.repair(ctx); err != nil {
		return nil, plugin.Error(nil, "Cannot read the marks of open files", "The sink keeps a note of the files it has open, and it could not be read: %s.", err)
	}
	return newFileSink(path, encode, files, req.Env.Log), nil
}
