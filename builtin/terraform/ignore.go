package terraform

import (
	"regexp"
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

// wildcard matches a whole text in which * stands for anything, also for
// nothing. Dots and brackets, of which addresses are full, mean themselves.
func wildcard(pattern string) *regexp.Regexp {
	return regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(pattern), `\*`, ".*") + "$")
}

// quotedName is a member in brackets that could be written with a dot.
var quotedName = regexp.MustCompile(`\["([A-Za-z_][A-Za-z0-9_-]*)"\]`)

// plainPath writes a path of an attribute the way the differ does.
func plainPath(path string) string { return quotedName.ReplaceAllString(path, ".$1") }

// applyIgnore takes out what the rules match and returns how many entries that
// removed, or a part of.
func applyIgnore(rules []ignoreRule, entries []entry) (kept []entry, ignored int) {
	for _, e := range entries {
		rest, matched := ignoreIn(rules, e)
		if matched {
			ignored++
		}
		if rest != nil {
			kept = append(kept, *rest)
		}
	}
	return kept, ignored
}

// ignoreIn returns what the rules leave of an entry, nil for nothing.
func ignoreIn(rules []ignoreRule, e entry) (rest *entry, matched bool) {
	covered := func(path string) bool { return false }
	for _, rule := range rules {
		if !rule.address.MatchString(e.address) {
			continue
		}
		if len(rule.attributes) == 0 {
			return nil, true
		}
		others := covered
		covered = func(path string) bool { return rule.covers(path) || others(path) }
	}
	var left []attribute
	for _, a := range e.attributes {
		if !covered(a.path) {
			left = append(left, a)
		}
	}
	matched = len(left) < len(e.attributes)
	if matched && len(left) == 0 {
		return nil, true
	}
	e.attributes = left
	return &e, matched
}

// covers reports whether the rule names the attribute or something around it.
func (r ignoreRule) covers(path string) bool {
	for end := len(path); end > 0; end = strings.LastIndexAny(path[:end], ".[") {
		for _, attribute := range r.attributes {
			if attribute.MatchString(path[:end]) {
				return true
			}
		}
	}
	return false
}
