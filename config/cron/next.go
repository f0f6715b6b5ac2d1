package cron

import "time"

// Next returns the first time after another that the schedule is due.
//
// Where the clock is put forward, a time of day that is left out is due at that
// moment. Where it is put back, a time of day that comes twice is due the first
// time only. A schedule that names every hour is due in every hour that passes,
// so neither is of concern to it. Of no schedule it returns the zero time.
func (s Schedule) Next(after time.Time) time.Time {
	if s.IsZero() {
		return time.Time{}
	}
	t := after.In(s.zone).Truncate(time.Minute).Add(time.Minute)
	for end := t.AddDate(lookahead, 0, 0); t.Before(end); t = s.step(t) {
		if s.isDue(t) {
			return t
		}
	}
	return time.Time{}
}

// step returns the next time that can be due: in hours that are not named none
// is. No step goes beyond a change of the clock.
func (s Schedule) step(t time.Time) time.Time {
	next := t.Add(time.Minute)
	if !s.hours.has(t.Hour()) || !s.namesDay(t) {
		next = t.Add(time.Duration(60-t.Minute()) * time.Minute)
	}
	if _, change := t.ZoneBounds(); !change.IsZero() && next.After(change) {
		return change
	}
	return next
}

func (s Schedule) isDue(t time.Time) bool {
	if s.namesEveryHour() {
		return s.names(t)
	}
	change, shift := lastChange(t)
	switch {
	case shift < 0 && t.Sub(change) < -shift:
		return false // the clock has shown this before
	case shift > 0 && t.Equal(change):
		return s.names(t) || s.namesWithin(t, shift)
	}
	return s.names(t)
}

// lastChange returns when the clock was last put forward or back, and by how much.
func lastChange(t time.Time) (at time.Time, shift time.Duration) {
	at, _ = t.ZoneBounds()
	if at.IsZero() {
		return at, 0
	}
	_, before := at.Add(-time.Second).Zone()
	_, now := at.Zone()
	return at, time.Duration(now-before) * time.Second
}

// namesWithin reports whether a time is named that the clock didn't show,
// because it was put forward to t.
func (s Schedule) namesWithin(t time.Time, shift time.Duration) bool {
	shown := time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), 0, 0, time.UTC) // has no such changes
	for leftOut := shown.Add(-shift); leftOut.Before(shown); leftOut = leftOut.Add(time.Minute) {
		if s.names(leftOut) {
			return true
		}
	}
	return false
}

// names reports whether the schedule names what a clock shows.
func (s Schedule) names(t time.Time) bool {
	return s.minutes.has(t.Minute()) && s.hours.has(t.Hour()) && s.namesDay(t)
}

func (s Schedule) namesDay(t time.Time) bool {
	if !s.months.has(int(t.Month())) {
		return false
	}
	day, weekday := s.days.has(t.Day()), s.weekdays.has(int(t.Weekday()))
	if s.eitherDay {
		return day || weekday
	}
	return day && weekday
}

func (s Schedule) namesEveryHour() bool { return s.hours == 1<<24-1 }
