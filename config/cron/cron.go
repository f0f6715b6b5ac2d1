// Package cron reads cron expressions, and tells when they are due.
//
//	schedule, err := cron.Parse("CRON_TZ=Europe/Berlin 30 3 * * mon-fri")
//	next := schedule.Next(time.Now())
package cron

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/driftless-hq/driftless/internal/suggest"
)

// Schedule are the times of day and the days that an expression names. The zero
// value is no schedule.
type Schedule struct {
	text     string
	zone     *time.Location
	interval time.Duration

	minutes, hours, days, months, weekdays set
	// eitherDay says that a day is named by its number in the month or by its
	// weekday: both are given. Otherwise it has to be named by both.
	eitherDay bool
}

// Parse reads an expression of five fields, or a name such as @daily. It holds
// in the time zone of CRON_TZ before it, else in that of this host. The error
// says how to write it.
func Parse(text string) (Schedule, error) {
	zone, expression, err := cutZone(text)
	if err != nil {
		return Schedule{}, err
	}
	if strings.HasPrefix(expression, "@") {
		if expression, err = expand(expression); err != nil {
			return Schedule{}, err
		}
	}
	s := Schedule{text: text, zone: zone}
	if err := s.parseFields(expression); err != nil {
		return Schedule{}, err
	}
	if s.interval = s.longest(); s.interval == 0 {
		return Schedule{}, fmt.Errorf("%q is never due: no month that it names has such a day", text)
	}
	return s, nil
}

// String returns the expression as it was written.
func (s Schedule) String() string { return s.text }

// IsZero reports whether s is no schedule.
func (s Schedule) IsZero() bool { return s.text == "" }

// Interval is the longest time from one run to the next, in days of 24 hours.
func (s Schedule) Interval() time.Duration { return s.interval }

// zonePrefix comes before the name of a time zone.
const zonePrefix = "CRON_TZ="

func cutZone(text string) (*time.Location, string, error) {
	first, rest, _ := strings.Cut(strings.TrimSpace(text), " ")
	name, ok := strings.CutPrefix(first, zonePrefix)
	switch {
	case ok && name == "":
		return nil, "", errors.New("CRON_TZ= is without a time zone: write it as in \"CRON_TZ=Europe/Berlin 0 3 * * *\"")
	case ok:
		zone, err := time.LoadLocation(name)
		if err != nil {
			return nil, "", fmt.Errorf("the time zone %q is not known here: write it as in \"CRON_TZ=Europe/Berlin 0 3 * * *\", or install the time zones of the system (tzdata)", name)
		}
		return zone, strings.TrimSpace(rest), nil
	case strings.Contains(first, "="):
		return nil, "", fmt.Errorf("%q is not known before the fields: a time zone is written as in \"CRON_TZ=Europe/Berlin 0 3 * * *\"", first)
	}
	return time.Local, strings.TrimSpace(text), nil
}

// expand returns the five fields that a name stands for.
func expand(name string) (string, error) {
	names := map[string]string{
		"@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *",
		"@monthly": "0 0 1 * *",
		"@weekly":  "0 0 * * 0",
		"@daily":   "0 0 * * *", "@midnight": "0 0 * * *",
		"@hourly": "0 * * * *",
	}
	if fields, ok := names[strings.ToLower(name)]; ok {
		return fields, nil
	}
	all := []string{"@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"}
	if word, rest, _ := strings.Cut(name, " "); word == "@every" {
		return "", fmt.Errorf("%q is an interval: set interval to %q in place of schedule", name, strings.TrimSpace(rest))
	}
	if near := suggest.Name(name, all); near != "" {
		return "", fmt.Errorf("there is no schedule %q; did you mean %q?", name, near)
	}
	return "", fmt.Errorf("there is no schedule %q; there are %s, and expressions such as \"0 3 * * mon-fri\"", name, strings.Join(all, ", "))
}

func (s *Schedule) parseFields(expression string) error {
	texts := strings.Fields(expression)
	kinds := fields()
	if len(texts) != len(kinds) {
		return fmt.Errorf("%q has %d fields, and a schedule has 5: minute, hour, day of the month, month and day of the week, as in \"30 3 * * mon-fri\"", expression, len(texts))
	}
	into := [...]*set{&s.minutes, &s.hours, &s.days, &s.months, &s.weekdays}
	for i, kind := range kinds {
		var err error
		if *into[i], err = kind.parse(texts[i]); err != nil {
			return err
		}
	}
	if s.weekdays.has(7) { // Sunday has two numbers
		s.weekdays |= 1
	}
	isOpen := func(text string) bool { return strings.HasPrefix(text, "*") }
	s.eitherDay = !slices.ContainsFunc([]string{texts[2], texts[4]}, isOpen)
	return nil
}

const (
	// lookahead is within how many years any day of the calendar comes twice on
	// any day of the week, or never.
	lookahead = 60
	// typical is within how many years all there is has come that depends on
	// the calendar alone.
	typical = 9
)

// longest returns the longest time between two runs, 0 where there is none.
func (s Schedule) longest() time.Duration {
	longest, first, last := s.withinDay()
	start := time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC)
	enough, end := start.AddDate(typical, 0, 0), start.AddDate(lookahead, 0, 0)
	var before time.Time
	for day := start; day.Before(enough) || day.Before(end) && longest == 0; day = day.Add(24 * time.Hour) {
		if !s.namesDay(day) {
			continue
		}
		if !before.IsZero() {
			longest = max(longest, day.Add(first).Sub(before.Add(last)))
		}
		before = day
	}
	if before.IsZero() {
		return 0
	}
	return longest
}

// withinDay returns the longest time between two runs of a day, and when in it
// the first and the last is.
func (s Schedule) withinDay() (longest, first, last time.Duration) {
	first = -1
	for hour := range 24 {
		for minute := range 60 {
			if !s.hours.has(hour) || !s.minutes.has(minute) {
				continue
			}
			at := time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute
			if first < 0 {
				first = at
			} else {
				longest = max(longest, at-last)
			}
			last = at
		}
	}
	return longest, first, last
}
