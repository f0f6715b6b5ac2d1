package plugintest

import (
	"time"

	"github.com/driftless-hq/driftless/plugin/event"
)

// samples is a batch with an event of each shape that there is.
func samples() *event.Batch {
	at := time.Unix(1_700_000_000, 0)
	var b event.Builder
	b.Log(at, []byte("a line of text"))
	b.Origin(event.Origin{Source: "source.file.sample", Path: "/var/log/sample.log"}, 15)
	b.Log(at, []byte(`{"level":"info","count":2,"nested":{"a":[1,null,"x"]}}`))
	b.Log(at, []byte("\xff\x00 no text"))
	b.Log(time.Time{}, nil)
	b.Metric(&event.Family{Name: "sample_total", Help: "How many samples.", Type: event.Counter}, at, 1.5, "label", "value")
	b.Event(event.Change, at)
	b.String("address", "task.file.sample")
	b.Int("attempt", -1)
	b.Float("seconds", 0.25)
	b.Bool("changed", true)
	b.Field("nothing", event.Value{})
	b.Field("list", event.JSONValue([]byte(`[1,"a"]`)))
	return b.Batch()
}
