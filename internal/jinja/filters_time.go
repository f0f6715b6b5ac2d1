package jinja

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// timeFilters know no clock, and no zone but UTC.
func timeFilters() map[string]builtin {
	return map[string]builtin{
		"to_datetime": ofText(toDatetime, opt("format", "%Y-%m-%d %H:%M:%S")),
		"strftime":    ofText(strftimeFilter, opt("second", nil), opt("utc", true)),
	}
}

func strftimeFilter(r *run, format string, a args) (any, error) {
	if a.values[0] == nil {
		return nil, errors.New("it needs a time, as a template has no clock: '%Y' | strftime(1700000000)")
	}
	seconds, ok := toFloat(a.values[0])
	const most = 253402300800 // the year 10000
	if !ok || seconds < -most || seconds > most {
		return nil, errors.New("the time is a number of seconds since 1970")
	}
	return r.strftime(time.Unix(int64(seconds), 0).UTC(), format)
}

// strftime formats a time as the C locale does.
func (r *run) strftime(t time.Time, format string) (any, error) {
	if err := r.takeString(4 * len(format)); err != nil {
		return nil, err
	}
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 == len(format) {
			b.WriteByte(format[i])
			continue
		}
		i++
		text, ok := directive(t, format[i])
		if !ok {
			return nil, fmt.Errorf("the format has no directive %%%c", format[i])
		}
		b.WriteString(text)
	}
	return b.String(), nil
}

func directive(t time.Time, c byte) (string, bool) {
	layouts := map[byte]string{
		'Y': "2006", 'm': "01", 'd': "02", 'H': "15", 'M': "04", 'S': "05", 'y': "06", 'b': "Jan", 'h': "Jan", 'B': "January", 'a': "Mon", 'A': "Monday",
		'I': "03", 'p': "PM", 'j': "002", 'e': "_2", 'F': "2006-01-02", 'T': "15:04:05", 'R': "15:04", 'D': "01/02/06", 'c': "Mon Jan _2 15:04:05 2006",
		'x': "01/02/06", 'X': "15:04:05", 'r': "03:04:05 PM",
	}
	if layout, ok := layouts[c]; ok {
		return t.Format(layout), true
	}
	year, week := t.ISOWeek()
	switch c {
	case 'f':
		return fmt.Sprintf("%06d", t.Nanosecond()/1000), true
	case 's':
		return strconv.FormatInt(t.Unix(), 10), true
	case 'z':
		return "+0000", true
	case 'Z':
		return "UTC", true
	case 'w':
		return strconv.Itoa(int(t.Weekday())), true
	case 'u':
		return strconv.Itoa(int(t.Weekday()+6)%7 + 1), true
	case 'G':
		return strconv.Itoa(year), true
	case 'V':
		return fmt.Sprintf("%02d", week), true
	case 'U':
		return fmt.Sprintf("%02d", (t.YearDay()+6-int(t.Weekday()))/7), true
	case 'W':
		return fmt.Sprintf("%02d", (t.YearDay()+6-int(t.Weekday()+6)%7)/7), true
	case 'C':
		return fmt.Sprintf("%02d", t.Year()/100), true
	case 'n':
		return "\n", true
	case 't':
		return "\t", true
	case '%':
		return "%", true
	}
	return "", false
}

// parseLayouts are the directives that to_datetime reads.
func parseLayouts() map[byte]string {
	return map[byte]string{
		'Y': "2006", 'm': "1", 'd': "2", 'H': "15", 'M': "4", 'S': "5", 'y': "06", 'b': "Jan", 'B': "January", 'a': "Mon", 'A': "Monday",
		'I': "3", 'p': "PM", 'j': "002", 'f': "999999", 'T': "15:4:5", 'F': "2006-1-2", 'Z': "MST", 'z': "-0700", '%': "%",
	}
}

func toDatetime(r *run, s string, a args) (any, error) {
	format, err := a.string(r, 0)
	if err != nil {
		return nil, err
	}
	var layout strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 == len(format) {
			layout.WriteByte(format[i])
			continue
		}
		i++
		part, ok := parseLayouts()[format[i]]
		if !ok {
			return nil, fmt.Errorf("the format has no directive %%%c", format[i])
		}
		layout.WriteString(part)
	}
	t, err := time.Parse(layout.String(), s)
	if err != nil {
		return nil, fmt.Errorf("the string is no time of the format %q", format)
	}
	if t.Year() == 0 && !strings.ContainsAny(format, "yYF") {
		t = t.AddDate(1900, 0, 0)
	}
	return timestamp{t}, nil
}

func (t timestamp) member(name string) (any, bool) {
	parts := map[string]int{
		"year": t.Year(), "month": int(t.Month()), "day": t.Day(), "hour": t.Hour(), "minute": t.Minute(), "second": t.Second(),
		"microsecond": t.Nanosecond() / 1000,
	}
	if n, ok := parts[name]; ok {
		return int64(n), true
	}
	give := func(v any) (any, bool) {
		return function{name, func(*run, passed) (any, error) { return v, nil }}, true
	}
	switch name {
	case "weekday":
		return give(int64(t.Weekday()+6) % 7)
	case "isoweekday":
		return give(int64(t.Weekday()+6)%7 + 1)
	case "isoformat":
		return give(t.Format("2006-01-02T15:04:05"))
	case "timestamp":
		return give(float64(t.UnixMicro()) / 1e6)
	case "date":
		return give(t.Format(time.DateOnly))
	case "time":
		return give(t.Format(time.TimeOnly))
	case "strftime":
		return function{name, func(r *run, p passed) (any, error) {
			a, err := bind([]param{need("format")}, false, false, p)
			if err != nil {
				return nil, err
			}
			format, err := a.string(r, 0)
			if err != nil {
				return nil, err
			}
			return r.strftime(t.Time, format)
		}}, true
	}
	return nil, false
}

func (d duration) member(name string) (any, bool) {
	days, seconds, micros := d.days()
	switch name {
	case "days":
		return days, true
	case "seconds":
		return seconds, true
	case "microseconds":
		return micros, true
	case "total_seconds":
		return function{name, func(*run, passed) (any, error) { return d.Seconds(), nil }}, true
	}
	return nil, false
}
