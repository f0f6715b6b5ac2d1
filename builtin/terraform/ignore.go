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

// unignored is what rules leave of the entries, and how many of them they
// removed, or a part of.
type unignored struct {
	entries        []entry
	byRule, byFile int
	ofDrift        int // of the removed, what the code alone is not the reason of
}

// applyIgnore takes out what the rules of the task and the file of the stack
// match.
func applyIgnore(rules []ignoreRule, file ignoreFile, entries []entry) unignored {
	var left unignored
	for _, e := range entries {
		rest, byRule := ignoreIn(rules, e)
		byFile := false
		if rest != nil {
			rest, byFile = file.ignoreIn(*rest)
		}
		if rest != nil {
			left.entries = append(left.entries, *rest)
		}
		left.count(e, byRule, byFile)
	}
	return left
}

func (left *unignored) count(e entry, byRule, byFile bool) {
	if byRule {
		left.byRule++
	}
	if byFile {
		left.byFile++
	}
	if (byRule || byFile) && e.class != pending {
		left.ofDrift++
	}
}

// ignoreIn returns what the rules leave of an entry, nil for nothing.
func ignoreIn(rules []ignoreRule, e entry) (rest *entry, matched bool) {
	var matching []ignoreRule
	for _, rule := range rules {
		if !rule.address.MatchString(e.address) || len(rule.config.Actions) > 0 && !slices.Contains(rule.config.Actions, string(e.action)) {
			continue
		}
		if len(rule.attributes) == 0 {
			return nil, true
		}
		matching = append(matching, rule)
	}
	return e.without(func(path string) bool {
		return slices.ContainsFunc(matching, func(rule ignoreRule) bool { return rule.covers(path) })
	})
}

// without returns an entry without some of its attributes, nil where none that
// differed is left.
func (e entry) without(isCovered func(path string) bool) (rest *entry, matched bool) {
	var left []attribute
	for _, a := range e.attributes {
		if !isCovered(a.path) {
			left = append(left, a)
		}
	}
	if len(left) == len(e.attributes) {
		return &e, false
	}
	if !slices.ContainsFunc(left, func(a attribute) bool { return a.class != effect }) {
		return nil, true
	}
	e.attributes = left
	return &e, true
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
