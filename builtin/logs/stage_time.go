package logs

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/driftless-hq/driftless/plugin/event"
)

var errTime = errors.New("the time does not have the expected format")

// clock sets the time of events from one of their fields.
type clock struct {
	field *event.Ref
	parse func(v event.Value) (time.Time, error)
}

func newClock(field, format, zone string) (*clock, error) {
	location, err := time.LoadLocation(zone)
	if err != nil {
		return nil, fmt.Errorf("the time zone %q is not known on this host: %w", zone, err)
	}
	c := &clock{field: event.NewRef(field)}
	switch format {
	case "rfc3339", "":
		c.parse = parseRFC3339
	case "unix":
		c.parse = func(v event.Value) (time.Time, error) { return parseUnix(v, 1) }
	case "unix_ms":
		c.parse = func(v event.Value) (time.Time, error) { return parseUnix(v, 1e3) }
	default:
		c.parse = func(v event.Value) (time.Time, error) { return parseLayout(v, format, location) }
	}
	return c, nil
}

// set leaves the time of an event without the field as it is.
func (c *clock) set(b *event.Batch, i int) error {
	v := c.field.Field(b, i)
	if v.IsNull() {
		return nil
	}
	t, err := c.parse(v)
	if err != nil {
		return err
	}
	b.SetTime(i, t)
	return nil
}

func parseRFC3339(v event.Value) (t time.Time, err error) {
	if v.Kind() != event.String || t.UnmarshalText(v.Text()) != nil {
		return t, errTime
	}
	return t, nil
}

func parseLayout(v event.Value, layout string, location *time.Location) (time.Time, error) {
	if v.Kind() != event.String {
		return time.Time{}, errTime
	}
	t, err := time.ParseInLocation(layout, string(v.Text()), location)
	if err != nil {
		return time.Time{}, errTime // the error would quote the text
	}
	return t, nil
}

// parseUnix reads a number of units since 1970, of which a second has some.
func parseUnix(v event.Value, unitsPerSecond int64) (time.Time, error) {
	switch v.Kind() {
	case event.Int:
		return unixTime(v.Int(), 0, unitsPerSecond)
	case event.Float:
		return parseUnixFloat(v.Float(), unitsPerSecond)
	case event.String:
		if n, err := strconv.ParseInt(string(v.Text()), 10, 64); err == nil {
			return unixTime(n, 0, unitsPerSecond)
		}
		if f, err := strconv.ParseFloat(string(v.Text()), 64); err == nil {
			return parseUnixFloat(f, unitsPerSecond)
		}
	}
	return time.Time{}, errTime
}

// parseUnixFloat rounds to microseconds: a float of today's seconds does not
// hold more.
func parseUnixFloat(f float64, unitsPerSecond int64) (time.Time, error) {
	const farthest = 1 << 53
	if !(math.Abs(f) < farthest) {
		return time.Time{}, errTime
	}
	whole, fraction := math.Modf(f)
	t, err := unixTime(int64(whole), fraction, unitsPerSecond)
	return t.Round(time.Microsecond), err
}

func unixTime(n int64, fraction float64, unitsPerSecond int64) (time.Time, error) {
	const farthest = 1 << 33 // seconds; about the year 2242
	if seconds := n / unitsPerSecond; seconds > farthest || seconds < -farthest {
		return time.Time{}, errTime
	}
	unit := int64(time.Second) / unitsPerSecond
	nanoseconds := n%unitsPerSecond*unit + int64(fraction*float64(unit))
	return time.Unix(n/unitsPerSecond, nanoseconds).UTC(), nil
}

// checkLayout refuses a layout that would read nothing of a time, such as one
// in the notation of strftime.
func checkLayout(layout string) error {
	switch layout {
	case "rfc3339", "unix", "unix_ms":
		return nil
	}
	one := time.Date(2001, 2, 3, 4, 5, 6, 0, time.UTC)
	if one.Format(layout) == one.AddDate(1, 1, 1).Add(time.Hour+time.Minute+time.Second).Format(layout) {
		return fmt.Errorf("%q names no part of a time: use rfc3339, unix, unix_ms, or write how 2 January 2006 15:04:05 would look", layout)
	}
	return nil
}
