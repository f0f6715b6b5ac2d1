package facts

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/internal/exposition"
	"github.com/driftless-hq/driftless/plugin/event"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// Prometheus appends gathered groups, by their names, to dst as exposition
// text. What could not be written is reported.
//
//   - A number is a gauge named after its place, with its unit:
//     driftless_fact_memory_total_bytes.
//   - A bool is the same, 1 for true.
//   - The texts of an object are the labels of one gauge with the value 1:
//     driftless_fact_os_info{id="debian",...}.
//   - The key of a map is a label: driftless_fact_disk_size_bytes{device="sda"}.
//
// Lists, nulls and the packages are left out: they make no useful series.
// Characters of custom facts that a name can't have become underscores.
func (f *Facts) Prometheus(dst []byte, values map[string]cty.Value) ([]byte, []exposition.Problem) {
	w := metricWriter{families: map[string]*event.Family{}, at: f.now()}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		var doc *schema.Nested
		if g, ok := f.groups[name]; ok && !g.free {
			doc = &g.Nested
		}
		w.add("driftless_fact_"+metricName(name), doc, values[name], nil)
	}
	return exposition.Append(dst, w.builder.Batch())
}

type metricWriter struct {
	builder  event.Builder
	families map[string]*event.Family
	at       time.Time
}

// add writes what a value and those in it make. The documentation is nil
// where there is none.
func (w *metricWriter) add(name string, doc *schema.Nested, v cty.Value, labels []string) {
	switch {
	case !v.IsKnown() || v.IsNull():
	case doc != nil && v.Type().IsMapType() && v.Type().ElementType().IsObjectType():
		elements := v.AsValueMap()
		for _, key := range slices.Sorted(maps.Keys(elements)) {
			w.object(name, doc, elements[key], append(slices.Clip(labels), doc.Label, key))
		}
	case v.Type().IsObjectType():
		w.object(name, doc, v, labels)
	default:
		w.scalar(name, "A custom fact.", v, labels)
	}
}

// object writes the attributes of an object, its texts together.
func (w *metricWriter) object(name string, doc *schema.Nested, v cty.Value, labels []string) {
	info := slices.Clip(labels)
	attributes := v.AsValueMap()
	for _, attribute := range slices.Sorted(maps.Keys(attributes)) {
		inner, below := attributes[attribute], name+"_"+metricName(attribute)
		known, ok := attributeOf(doc, attribute)
		switch {
		case inner.Type() == cty.String && inner.IsKnown() && !inner.IsNull():
			info = append(info, labelName(attribute), inner.AsString())
		case ok:
			w.scalar(below+unit(attribute), known.Doc, inner, labels)
		default:
			w.add(below, nestedOf(doc, attribute), inner, labels)
		}
	}
	if len(info) > len(labels) {
		help := "The custom facts that are text."
		if doc != nil {
			help = doc.Doc
		}
		w.gauge(name+"_info", help, 1, info)
	}
}

func attributeOf(doc *schema.Nested, name string) (*schema.Attribute, bool) {
	if doc == nil {
		return nil, false
	}
	return doc.Attribute(name)
}

func nestedOf(doc *schema.Nested, name string) *schema.Nested {
	if doc == nil {
		return nil
	}
	nested, _ := doc.Block.Nested(name)
	return nested
}

// scalar writes a number or a bool, and passes over everything else.
func (w *metricWriter) scalar(name, help string, v cty.Value, labels []string) {
	switch {
	case !v.IsKnown() || v.IsNull():
	case v.Type() == cty.Number:
		n, _ := v.AsBigFloat().Float64()
		w.gauge(name, help, n, labels)
	case v.Type() == cty.Bool:
		n := 0.0
		if v.True() {
			n = 1
		}
		w.gauge(name, help, n, labels)
	}
}

func (w *metricWriter) gauge(name, help string, value float64, labels []string) {
	family, ok := w.families[name]
	if !ok {
		family = &event.Family{Name: name, Help: help, Type: event.Gauge}
		w.families[name] = family
	}
	w.builder.Metric(family, w.at, value, labels...)
}

// unit returns what the name of a size must end in.
func unit(attribute string) string {
	switch attribute {
	case "size", "available", "total", "swap_total":
		return "_bytes"
	}
	return ""
}

// labelName makes the name of a label, which can't begin with a digit.
func labelName(s string) string {
	if s != "" && '0' <= s[0] && s[0] <= '9' {
		s = "_" + s
	}
	return metricName(s)
}

// metricName makes a part of a metric's name.
func metricName(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '_' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' {
			return r
		}
		return '_'
	}, s)
}
