package cron

import (
	"strings"
	"testing"
	"time"
)

func mustParse(t testing.TB, text string) Schedule {
	t.Helper()
	s, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// dues are the first times after one that a schedule is due.
func dues(t *testing.T, text, after string, n int) string {
	t.Helper()
	const layout = "Mon 2006-01-02 15:04 MST"
	s := mustParse(t, text)
	at, err := time.Parse(time.RFC3339, after)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for range n {
		at = s.Next(at)
		all = append(all, at.Format(layout))
	}
	return strings.Join(all, "\n")
}

func TestAScheduleIsDueAtWhatItNames(t *testing.T) {
	for _, tt := range []struct{ name, text, after, want string }{
		{"a time of day", "30 3 * * *", "2026-05-04T03:30:00Z", "Tue 2026-05-05 03:30 UTC\nWed 2026-05-06 03:30 UTC"},
		{"a moment before", "30 3 * * *", "2026-05-04T03:29:59.999Z", "Mon 2026-05-04 03:30 UTC\nTue 2026-05-05 03:30 UTC"},
		{"every quarter of an hour", "*/15 * * * *", "2026-05-04T03:31:02Z", "Mon 2026-05-04 03:45 UTC\nMon 2026-05-04 04:00 UTC"},
		{"a step that begins later", "20/25 7 * * *", "2026-05-04T00:00:00Z", "Mon 2026-05-04 07:20 UTC\nMon 2026-05-04 07:45 UTC\nTue 2026-05-05 07:20 UTC"},
		{"a step within a range", "0 8-17/4 * * *", "2026-05-04T07:00:00Z", "Mon 2026-05-04 08:00 UTC\nMon 2026-05-04 12:00 UTC\nMon 2026-05-04 16:00 UTC\nTue 2026-05-05 08:00 UTC"},
		{"days of the week by name, in any case", "0 9 * * Mon-FRI", "2026-05-08T09:00:00Z", "Mon 2026-05-11 09:00 UTC"},
		{"a week that goes to its Sunday", "0 9 * * sat-sun", "2026-05-08T09:00:00Z", "Sat 2026-05-09 09:00 UTC\nSun 2026-05-10 09:00 UTC\nSat 2026-05-16 09:00 UTC"},
		{"Sunday as 7 and as 0", "0 9 * * 7,0", "2026-05-08T09:00:00Z", "Sun 2026-05-10 09:00 UTC\nSun 2026-05-17 09:00 UTC"},
		{"months by name", "0 0 1 jan,jul *", "2026-05-08T09:00:00Z", "Wed 2026-07-01 00:00 UTC\nFri 2027-01-01 00:00 UTC"},
		{"the last day of long months only", "0 0 31 * *", "2026-05-31T00:00:00Z", "Fri 2026-07-31 00:00 UTC\nMon 2026-08-31 00:00 UTC"},
		{"a day of the month or one of the week, where both are given", "0 0 13 * fri", "2026-05-08T00:00:00Z", "Wed 2026-05-13 00:00 UTC\nFri 2026-05-15 00:00 UTC"},
		{"both, where one begins with a star", "0 0 */2 * fri", "2026-05-01T00:00:00Z", "Fri 2026-05-15 00:00 UTC\nFri 2026-05-29 00:00 UTC"},
		{"a leap day over a year without one", "0 0 29 2 *", "2096-03-01T00:00:00Z", "Fri 2104-02-29 00:00 UTC"},
		{"a leap day on a day of the week", "0 0 29 2 */7", "2088-03-01T00:00:00Z", "Sun 2128-02-29 00:00 UTC"},
		{"@hourly", "@hourly", "2026-05-08T09:00:00Z", "Fri 2026-05-08 10:00 UTC"},
		{"@daily", "@Daily", "2026-05-08T09:00:00Z", "Sat 2026-05-09 00:00 UTC"},
		{"@weekly", "@weekly", "2026-05-08T09:00:00Z", "Sun 2026-05-10 00:00 UTC"},
		{"@monthly", "@monthly", "2026-05-08T09:00:00Z", "Mon 2026-06-01 00:00 UTC"},
		{"@yearly", "@yearly", "2026-05-08T09:00:00Z", "Fri 2027-01-01 00:00 UTC"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := dues(t, "CRON_TZ=UTC "+tt.text, tt.after, strings.Count(tt.want, "\n")+1); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

func TestAScheduleFollowsTheClockOfItsZone(t *testing.T) {
	const forward, back = "2026-03-28T12:00:00Z", "2026-10-24T12:00:00Z" // the days before, in Europe
	for _, tt := range []struct{ name, zone, text, after, want string }{
		{"summer and winter", "Europe/Berlin", "0 3 1 1,7 *", "2025-12-01T00:00:00Z", "Thu 2026-01-01 03:00 CET\nWed 2026-07-01 03:00 CEST"},
		{"a time that is left out is due when the clock is put forward", "Europe/Berlin", "30 2 * * *", forward, "Sun 2026-03-29 03:00 CEST\nMon 2026-03-30 02:30 CEST"},
		{"several that are left out are one", "Europe/Berlin", "*/20 2,3 * * *", forward, "Sun 2026-03-29 03:00 CEST\nSun 2026-03-29 03:20 CEST\nSun 2026-03-29 03:40 CEST\nMon 2026-03-30 02:00 CEST"},
		{"a time that comes twice is due once", "Europe/Berlin", "30 2 * * *", back, "Sun 2026-10-25 02:30 CEST\nMon 2026-10-26 02:30 CET"},
		{"the time at which the clock was put back", "Europe/Berlin", "0 3 * * *", back, "Sun 2026-10-25 03:00 CET\nMon 2026-10-26 03:00 CET"},
		{"what names every hour skips the one that isn't there", "Europe/Berlin", "30 * * * *", "2026-03-29T00:00:00Z", "Sun 2026-03-29 01:30 CET\nSun 2026-03-29 03:30 CEST\nSun 2026-03-29 04:30 CEST"},
		{"what names every hour is due in both that are the same", "Europe/Berlin", "30 * * * *", "2026-10-25T00:00:00Z", "Sun 2026-10-25 02:30 CEST\nSun 2026-10-25 02:30 CET\nSun 2026-10-25 03:30 CET"},
		{"a clock that is put forward by half an hour", "Australia/Lord_Howe", "15 2 * * *", "2026-10-03T12:00:00Z", "Sun 2026-10-04 02:30 +11\nMon 2026-10-05 02:15 +11"},
		{"a clock that is put back by half an hour", "Australia/Lord_Howe", "45 1 * * *", "2026-04-04T12:00:00Z", "Sun 2026-04-05 01:45 +11\nMon 2026-04-06 01:45 +1030"},
		{"a midnight that is left out", "America/Havana", "@daily", "2026-03-07T12:00:00Z", "Sun 2026-03-08 01:00 CDT\nMon 2026-03-09 00:00 CDT"},
		{"a whole day that is left out", "Pacific/Apia", "0 12 30 12 *", "2011-12-29T12:00:00Z", "Sat 2011-12-31 00:00 +14\nSun 2012-12-30 12:00 +14"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := time.LoadLocation(tt.zone); err != nil {
				t.Skip("this machine has no time zones")
			}
			if got := dues(t, "CRON_TZ="+tt.zone+" "+tt.text, tt.after, strings.Count(tt.want, "\n")+1); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

func TestWithoutAZoneItIsThatOfTheHost(t *testing.T) {
	after := time.Date(2026, time.May, 4, 12, 0, 0, 0, time.Local)
	if got, want := mustParse(t, "30 3 * * *").Next(after), time.Date(2026, time.May, 5, 3, 30, 0, 0, time.Local); !got.Equal(want) {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestNoScheduleIsNeverDue(t *testing.T) {
	if next := (Schedule{}).Next(time.Now()); !next.IsZero() {
		t.Errorf("it is due at %s", next)
	}
}

func TestTheIntervalIsTheLongestBetweenTwoRuns(t *testing.T) {
	const day = 24 * time.Hour
	for text, want := range map[string]time.Duration{
		"* * * * *":          time.Minute,
		"*/20 * * * *":       20 * time.Minute,
		"@hourly":            time.Hour,
		"0 3 * * *":          day,
		"0 3 * * mon-fri":    3 * day,
		"0 8-18 * * mon-fri": 2*day + 14*time.Hour,
		"0 0 1 * *":          31 * day,
		"0 0 31 * *":         61 * day,
		"@yearly":            366 * day,
		"0 0 29 2 *":         (3*365 + 366) * day,
		"0 0 29 2 */7":       (21*365 + 7*366) * day,
	} {
		if got := mustParse(t, text).Interval(); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

func TestWhatIsWrongWithAScheduleIsSaid(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"nothing", "", `"" has 0 fields, and a schedule has 5: minute, hour, day of the month, month and day of the week`},
		{"seconds", "0 0 3 * * *", `has 6 fields`},
		{"a minute that isn't there", "60 3 * * *", `the minute "60" is not a number from 0 to 59; write it as in 0,30 or */15`},
		{"a number that is none", "1e1 3 * * *", `the minute "1e1" is not a number`},
		{"a negative number", "0 -3 * * *", `the hour "" is not a number from 0 to 23`},
		{"nothing in a list", "0 3, * * *", `the hour "" is not a number from 0 to 23`},
		{"the day 0", "0 3 0 * *", `the day of the month "0" is not a number from 1 to 31`},
		{"a month by its whole name", "0 3 * june *", `the month "june" is neither a number from 1 to 12 nor a name such as "feb"; did you mean "jun"?`},
		{"a day in another language", "0 3 * * samstag", `nor a name such as "mon"; write it as in mon-fri or sun`},
		{"a question mark", "0 3 ? * mon", `what may be anything is written "*"`},
		{"a range over midnight", "0 22-4 * * *", `the hour "22-4" ends before it begins: write it as two ranges with a comma between them, as in "22-23,0-4"`},
		{"a range over the new year", "0 3 * nov-feb *", `as in "11-12,1-2"`},
		{"a step of nothing", "*/0 3 * * *", `the step in the minute "*/0" is not a number from 1 to 59, as in "*/15"`},
		{"a step that is none", "0 */two * * *", `the step in the hour "*/two" is not a number from 1 to 23, as in "*/11"`},
		{"two steps", "*/2/2 3 * * *", `the step in the minute "*/2/2"`},
		{"a day that isn't there", "0 0 30 2 *", `"0 0 30 2 *" is never due: no month that it names has such a day`},
		{"an interval", "@every 5m", `"@every 5m" is an interval: set interval to "5m" in place of schedule`},
		{"a name with a mistake", "@dayly", `there is no schedule "@dayly"; did you mean "@daily"?`},
		{"a name that means nothing", "@reboot", `there is no schedule "@reboot"; there are @yearly, @annually, `},
		{"a zone that isn't there", "CRON_TZ=Mars/Olympus 0 3 * * *", `the time zone "Mars/Olympus" is not known here`},
		{"a zone without a name", "CRON_TZ= 0 3 * * *", `CRON_TZ= is without a time zone`},
		{"a zone as others write it", "TZ=UTC 0 3 * * *", `"TZ=UTC" is not known before the fields: a time zone is written as in "CRON_TZ=Europe/Berlin 0 3 * * *"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := Parse(tt.text); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
}

// FuzzParse reads any expression. What is one is due after any time, at a full
// minute that it names, and never twice at the same time.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"* * * * *", "30 3 * * mon-fri", "CRON_TZ=Europe/Berlin */7 2 * * *", "@daily", "0 0 29 2 */7", "1-5/2,9 0 1 jan sun", "CRON_TZ=Australia/Lord_Howe 59 1 * * 6", "@every 1h",
	} {
		f.Add(seed, int64(1_793_000_000))
	}
	f.Fuzz(func(t *testing.T, text string, unix int64) {
		s, err := Parse(text)
		if err != nil {
			return
		}
		const years = 50 * 365 * 24 * 3600
		after := time.Unix(946_684_800+(unix%years+years)%years, 0) // from 2000 on
		for range 3 {
			next := s.Next(after)
			if !next.After(after) || next.Second() != 0 || !(s.names(next) || isForward(next)) {
				t.Fatalf("after %s %q is due at %s", after.In(s.zone), text, next)
			}
			after = next
		}
	})
}

func isForward(t time.Time) bool {
	change, shift := lastChange(t)
	return shift > 0 && change.Equal(t)
}

func BenchmarkParse(b *testing.B) {
	for b.Loop() {
		mustParse(b, "CRON_TZ=UTC 0 3 * * mon-fri")
	}
}

func BenchmarkNext(b *testing.B) {
	s := mustParse(b, "CRON_TZ=Europe/Berlin 0 3 1 * *")
	at := time.Date(2026, time.May, 1, 3, 0, 0, 0, time.UTC)
	for b.Loop() {
		s.Next(at)
	}
}
