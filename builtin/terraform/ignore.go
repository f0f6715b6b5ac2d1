package terraform

import (
	"regexp"
	"slices"
	"strings"
	"time"
)

// ignoreRule is one accepted difference.
type ignoreRule struct {
	config     ignoreConfig
	address    *regexp.Regexp
	attributes []*regexp.Regexp // empty: all of the resource
}

// compileIgnore returns the rules that hold at the given time, and the
// configuration of those that expired.
func compileIgnore(configs []ignoreConfig, now time.Time) (rules []ignoreRule, expired []ignoreConfig) {
	for _, c := range configs {
		last, err := time.Parse(time.DateOnly, c.Expires)
		if err == nil && !now.Before(last.AddDate(0, 0, 1)) {
			expired = append(expired, c)
			continue
		}
		rule := ignoreRule{config: c, address: wildcard(c.Address)}
		for _, name := range c.Attributes {
			rule.attributes = append(rule.attributes, wildcard(plainPath(name)))
		}
		rules = append(rules, rule)
	}
	return rules, expired
}

// nextExpiry is when the first of the rules that hold and have a last day ends,
// no time where none has.
func nextExpiry(configs []ignoreConfig, now time.Time) (next time.Time) {
	for _, c := range configs {
		last, err := time.Parse(time.DateOnly, c.Expires)
		if err != nil {
			continue
		}
		if end := last.AddDate(0, 0, 1); now.Before(end) && (next.IsZero() || end.Before(next)) {
			next = end
		}
	}
	return next
}

// wildcard matches a whole text in which * stands for anything, also for
// nothing. Dots and brackets, of which addresses are full, mean themselves.
func wildcard(pattern string) *regexp.Regexp {
	return regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(pattern), `\*`, ".*") + "$")
}

// quotedName is a member in brackets that could be written with a dot.
var quotedName = regexp.MustCompile(`\["([A-Za-z_][A-Za-z0-9_-]*)"\]`)

// plainPath writes a path of an attribute the way the differ does.
func plainPath(path string) string { return quotedName.ReplaceAllString(path, ".$1") }

// unignored is what rules leave of the entries, and what they removed.
type unignored struct {
	entries        []entry
	ignored        []ignored
	byRule, byFile int // entries that were removed, or a part of them
	ofDrift        int // of the removed, what the code alone is not the reason of
}

// applyIgnore takes out what the rules of the task and the file of the stack
// match.
func applyIgnore(rules []ignoreRule, file ignoreFile, entries []entry) unignored {
	var left unignored
	for _, e := range entries {
		rest, byRule := ignoreIn(rules, e)
		var byFile []ignored
		if rest != nil {
			rest, byFile = file.ignoreIn(*rest)
		}
		if rest != nil {
			left.entries = append(left.entries, *rest)
		}
		left.add(e, byRule, byFile)
	}
	return left
}

// hide takes what is sensitive out of what the rules and the file say: of the
// entries it is out already.
func (left unignored) hide(taint taint) unignored {
	for i := range left.ignored {
		by := &left.ignored[i].by
		by.pattern, by.reason, by.owner = taint.String(by.pattern), taint.String(by.reason), taint.String(by.owner)
	}
	return left
}

func (left *unignored) add(e entry, byRule, byFile []ignored) {
	left.ignored = append(append(left.ignored, byRule...), byFile...)
	if len(byRule) > 0 {
		left.byRule++
	}
	if len(byFile) > 0 {
		left.byFile++
	}
	if len(byRule)+len(byFile) > 0 && e.class != pending {
		left.ofDrift++
	}
}

// ignoreIn returns what the rules leave of an entry, nil for nothing. Of several
// rules for an attribute the first counts.
func ignoreIn(rules []ignoreRule, e entry) (rest *entry, removed []ignored) {
	var matching []ignoreRule
	for _, rule := range rules {
		if !rule.address.MatchString(e.address) || len(rule.config.Actions) > 0 && !slices.Contains(rule.config.Actions, string(e.action)) {
			continue
		}
		if len(rule.attributes) == 0 {
			return nil, []ignored{e.ignoredBy(rule.acceptance(), e.attributes)}
		}
		matching = append(matching, rule)
	}
	return e.without(func(path string) (acceptance, bool) {
		i := slices.IndexFunc(matching, func(rule ignoreRule) bool { return rule.covers(path) })
		if i < 0 {
			return acceptance{}, false
		}
		return matching[i].acceptance(), true
	})
}

// without returns an entry without the attributes that something accepts, nil
// where none that differed is left.
func (e entry) without(accepts func(path string) (acceptance, bool)) (rest *entry, removed []ignored) {
	var left []attribute
	var order []acceptance
	parts := make(map[acceptance][]attribute)
	for _, a := range e.attributes {
		by, isAccepted := accepts(a.path)
		if !isAccepted {
			left = append(left, a)
			continue
		}
		if parts[by] == nil {
			order = append(order, by)
		}
		parts[by] = append(parts[by], a)
	}
	for _, by := range order {
		removed = append(removed, e.ignoredBy(by, parts[by]))
	}
	switch {
	case len(removed) == 0:
		return &e, nil
	case !slices.ContainsFunc(left, func(a attribute) bool { return a.class != effect }):
		return nil, removed
	}
	e.attributes = left
	return &e, removed
}

// covers reports whether the rule names the attribute or something around it.
func (r ignoreRule) covers(path string) bool {
	return anyPrefix(path, func(path string) bool {
		return slices.ContainsFunc(r.attributes, func(attribute *regexp.Regexp) bool { return attribute.MatchString(path) })
	})
}

// anyPrefix reports whether holds is true of a path, or of something around it.
func anyPrefix(path string, holds func(path string) bool) bool {
	for end := len(path); end > 0; end = strings.LastIndexAny(path[:end], ".[") {
		if holds(path[:end]) {
			return true
		}
	}
	return false
}

// said is why the rule is there, and who answers for it.
func (c ignoreConfig) said() string {
	if c.Owner == "" {
		return c.Reason
	}
	return c.Reason + ", owner " + c.Owner
}

func (r ignoreRule) acceptance() acceptance {
	return acceptance{pattern: r.config.Address, reason: r.config.Reason, owner: r.config.Owner, expires: r.config.Expires}
}
