package sinks

import (
	"os"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/event"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// formatAttribute is the attribute that all sinks have for how an event is
// written.
func formatAttribute(byDefault string, formats ...string) schema.Attribute {
	return schema.Attribute{
		Name: "format", Type: cty.String, Default: cty.StringVal(byDefault), Enum: formats,
		Doc: "How an event is written: json (or ndjson) with its fields at the top level, raw as it came, text for people to read, or logfmt, as far as the sink offers them.",
	}
}

func metadataAttribute() schema.Attribute {
	return schema.Attribute{
		Name: "metadata", Type: cty.Bool, Default: cty.False,
		Doc: "Whether to add where an event came from: the host, the source, the path and the offset in it.",
	}
}

// encoder writes events in one format.
type encoder struct {
	format  string
	options event.EncodeOptions
}

// newEncoder looks the name of this host up where the metadata is to hold it.
func newEncoder(format string, metadata bool) (encoder, plugin.Diagnostics) {
	e := encoder{format: format, options: event.EncodeOptions{Metadata: metadata}}
	if !metadata {
		return e, nil
	}
	host, err := os.Hostname()
	if err != nil {
		return e, plugin.Error(plugin.Attr("metadata"), "Unknown host name", "The name of this host can't be read: %s. Set it, or turn metadata off.", err)
	}
	e.options.Host = host
	return e, nil
}

// append appends event i, without a newline at its end.
func (e encoder) append(dst []byte, b *event.Batch, i int) []byte {
	switch e.format {
	case "raw":
		return event.AppendRaw(dst, b, i)
	case "text":
		return event.AppendText(dst, b, i, e.options)
	case "logfmt":
		return event.AppendLogfmt(dst, b, i, e.options)
	default:
		return event.AppendJSON(dst, b, i, e.options)
	}
}

// appendLine appends event i and a newline.
func (e encoder) appendLine(dst []byte, b *event.Batch, i int) []byte {
	return append(e.append(dst, b, i), '\n')
}
