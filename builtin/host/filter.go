package host

import (
	"fmt"
	"regexp"
)

// deviceFilter chooses network devices by name. Either pattern may be nil.
type deviceFilter struct{ include, exclude *regexp.Regexp }

func newDeviceFilter(cfg netdevConfig) (deviceFilter, error) {
	include, err := optionalRegexp("include_devices", cfg.IncludeDevices)
	if err != nil {
		return deviceFilter{}, err
	}
	exclude, err := optionalRegexp("exclude_devices", cfg.ExcludeDevices)
	return deviceFilter{include, exclude}, err
}

func (f deviceFilter) keeps(name []byte) bool {
	return (f.include == nil || f.include.Match(name)) && (f.exclude == nil || !f.exclude.Match(name))
}

// optionalRegexp compiles the pattern of an attribute; an empty one is nil.
func optionalRegexp(attribute, pattern string) (*regexp.Regexp, error) {
	if pattern == "" {
		return nil, nil
	}
	re, err := regexp.Compile(pattern)
	if err != nil {
		return nil, fmt.Errorf("%s is not a regular expression: %w", attribute, err)
	}
	return re, nil
}

func matches(re *regexp.Regexp, s string) bool { return re != nil && re.MatchString(s) }
