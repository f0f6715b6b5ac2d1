package terraform

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// window is a part of the week in which a remedy may begin.
type window struct {
	Days     []string `schema:"days"`
	Start    string   `schema:"start"`
	End      string   `schema:"end"`
	Timezone string   `schema:"timezone"`
}

// weekdays are the names of the days, as [time.Weekday] counts them.
func weekdays() []string { return []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"} }

// fullDay is 24:00, in minutes.
const fullDay = 24 * 60

// clock reads a time of the day as minutes.
func clock(text string) (minutes int, err error) {
	if text == "24:00" {
		return fullDay, nil
	}
	at, err := time.Parse("15:04", text)
	if err != nil || len(text) != len("15:04") {
		return 0, fmt.Errorf("%q is not a time of the day: write it as in \"22:00\"", text)
	}
	return at.Hour()*60 + at.Minute(), nil
}

// zone finds a time zone. An empty name, which would be UTC, is none.
func zone(name string) (*time.Location, error) {
	if name == "" {
		return nil, fmt.Errorf("a time zone has a name, as in \"Europe/Berlin\" or \"UTC\"")
	}
	place, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("the time zone %q is not known here: write it as in \"Europe/Berlin\" or \"UTC\", or install the time zones of the system (tzdata)", name)
	}
	return place, nil
}

// contains reports whether a time is in the window. By the clock on the wall:
// where that is changed in the night, the window is an hour longer or shorter.
func (w window) contains(now time.Time) (bool, error) {
	place, err := zone(w.Timezone)
	if err != nil {
		return false, err
	}
	start, err := clock(w.Start)
	if err != nil {
		return false, err
	}
	end, err := clock(w.End)
	if err != nil {
		return false, err
	}
	now = now.In(place)
	minute := now.Hour()*60 + now.Minute()
	if start < end {
		return w.opensOn(now.Weekday()) && start <= minute && minute < end, nil
	}
	yesterday := (now.Weekday() + 6) % 7
	return w.opensOn(now.Weekday()) && start <= minute || w.opensOn(yesterday) && minute < end, nil
}

func (w window) opensOn(day time.Weekday) bool {
	return len(w.Days) == 0 || slices.Contains(w.Days, weekdays()[day])
}

// String describes the window for a reader.
func (w window) String() string {
	days := ""
	if len(w.Days) > 0 {
		days = strings.Join(w.Days, ", ") + " "
	}
	return fmt.Sprintf("%s%s to %s %s", days, w.Start, w.End, w.Timezone)
}

// outsideOf says that a time is in none of the windows, empty where it is in
// one or there are none.
func outsideOf(windows []window, now time.Time) string {
	var all []string
	for _, w := range windows {
		in, err := w.contains(now)
		if err != nil {
			return err.Error()
		}
		if in {
			return ""
		}
		all = append(all, w.String())
	}
	if len(all) == 0 {
		return ""
	}
	return "it is outside of the windows (" + strings.Join(all, "; ") + ")"
}
