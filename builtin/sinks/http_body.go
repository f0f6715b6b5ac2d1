package sinks

import (
	"bytes"
	"fmt"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/driftless-hq/driftless/plugin/event"
)

// contentType is the media type of a format.
func contentType(format string) string {
	switch format {
	case "json":
		return "application/json"
	case "text":
		return "text/plain; charset=utf-8"
	}
	return "application/x-ndjson"
}

// appendBody appends all events of a batch: one array for json, else a line
// for each.
func (e encoder) appendBody(dst []byte, b *event.Batch) []byte {
	if e.format != "json" {
		for i := range b.Len() {
			dst = e.appendLine(dst, b, i)
		}
		return dst
	}
	dst = append(dst, '[')
	for i := range b.Len() {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = e.append(dst, b, i)
	}
	return append(dst, ']')
}

// compressor compresses bodies. It is not safe for concurrent use.
type compressor struct {
	name string // the content coding; empty for none
	gzip *gzip.Writer
	zstd *zstd.Encoder
}

func newCompressor(name string) (*compressor, error) {
	switch name {
	case "none":
		return &compressor{}, nil
	case "gzip":
		w, err := gzip.NewWriterLevel(nil, gzip.BestSpeed)
		return &compressor{name: name, gzip: w}, err
	case "zstd":
		e, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest))
		return &compressor{name: name, zstd: e}, err
	}
	return nil, fmt.Errorf("there is no compression %q: use none, gzip or zstd", name)
}

// compress returns body in memory of its own, whatever the compression: the
// transport may still read it after a request has failed.
func (c *compressor) compress(body []byte) ([]byte, error) {
	switch {
	case c.zstd != nil:
		return c.zstd.EncodeAll(body, nil), nil
	case c.gzip != nil:
		var out bytes.Buffer
		c.gzip.Reset(&out)
		if _, err := c.gzip.Write(body); err != nil {
			return nil, err
		}
		err := c.gzip.Close()
		return out.Bytes(), err
	}
	return bytes.Clone(body), nil
}
