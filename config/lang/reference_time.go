package lang

func timeDocs() Group {
	return Group{"Date and time functions", []Doc{
		{
			Name: "formatdate", Text: "Writes a time in a format.",
			Params:  []string{"The format: `YYYY`, `MM`, `DD`, `hh`, `mm`, `ss`, `EEE`, `MMM`, `ZZZ` and more; letters between apostrophes stand for themselves.", "The time, in RFC 3339."},
			Example: `formatdate("DD MMM YYYY hh:mm", "2026-01-02T23:12:01Z")`, Result: `"02 Jan 2026 23:12"`,
		},
		{
			Name: "plantimestamp", Text: "Returns the time at which the plan is made, in UTC. It is the same when that plan is applied.",
			Example: "plantimestamp()",
		},
		{
			Name: "timeadd", Text: "Adds a duration to a time.",
			Params:  []string{"The time, in RFC 3339.", "The duration, such as `10m` or `-1.5h`."},
			Example: `timeadd("2026-01-02T00:00:00Z", "10m")`, Result: `"2026-01-02T00:10:00Z"`,
		},
		{
			Name: "timecmp", Text: "Compares two times: -1 where the first is the earlier, 0 where they are the same, 1 where it is the later.",
			Params:  []string{"The first time, in RFC 3339.", "The second."},
			Example: `timecmp("2026-01-02T00:00:00Z", "2026-01-02T01:00:00Z")`, Result: "-1",
		},
		{
			Name: "timestamp", Text: "Returns the time at which the plan is applied, in UTC. In the plan it is not known.",
			Example: "timestamp()",
		},
	}}
}
