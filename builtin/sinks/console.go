package sinks

import (
	"context"
	"fmt"
	"io"
	"sync"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/event"
	"github.com/driftless-hq/driftless/plugin/schema"
)

func consoleSchema() *schema.Block {
	return &schema.Block{
		Doc: "Writes events to the standard output or the standard error.",
		Attributes: []schema.Attribute{
			{Name: "target", Type: cty.String, Default: cty.StringVal("stdout"), Enum: []string{"stdout", "stderr"},
				Doc: "Which of the two standard streams to write to."},
			formatAttribute("text", "text", "json", "raw", "logfmt"),
			metadataAttribute(),
		},
	}
}

type consoleConfig struct {
	Target   string `schema:"target"`
	Format   string `schema:"format"`
	Metadata bool   `schema:"metadata"`
}

type consoleSink struct {
	out    io.Writer
	target string
	encode encoder
	buf    []byte // reused from batch to batch
}

func (p *provider) openConsole(_ context.Context, req plugin.OpenRequest) (plugin.Sink, plugin.Diagnostics) {
	var cfg consoleConfig
	if err := schema.Decode(req.Config, &cfg); err != nil {
		return nil, plugin.Error(nil, "Invalid sink configuration", "%s", err)
	}
	out, ok := p.consoles[cfg.Target]
	if !ok {
		return nil, plugin.Error(plugin.Attr("target"), "Unknown target", "There is no console %q: use \"stdout\" or \"stderr\".", cfg.Target)
	}
	encode, diags := newEncoder(cfg.Format, cfg.Metadata)
	return &consoleSink{out: out, target: cfg.Target, encode: encode}, diags
}

// Write implements [plugin.Sink].
func (s *consoleSink) Write(ctx context.Context, batch *event.Batch) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.buf = s.buf[:0]
	for i := range batch.Len() {
		s.buf = s.encode.appendLine(s.buf, batch, i)
	}
	if _, err := s.out.Write(s.buf); err != nil {
		return fmt.Errorf("writing %d events to %s: %w", batch.Len(), s.target, err)
	}
	return nil
}

// Close implements [plugin.Sink]. The streams are not the sink's to close.
func (s *consoleSink) Close(context.Context) error { return nil }

// sharedWriter keeps the writes of several sinks apart.
type sharedWriter struct {
	mu sync.Mutex
	w  io.Writer
}

// Write implements [io.Writer].
func (s *sharedWriter) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.w.Write(p)
}

var _ plugin.Sink = (*consoleSink)(nil)
