package schema

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
)

func reflectType[T any]() reflect.Type { return reflect.TypeFor[T]() }

// ParseDuration reads a duration such as "90s", "5m", "1h30m" or "7d". A day
// is 24 hours. Negative durations are refused.
func ParseDuration(s string) (time.Duration, error) {
	days, rest, found := strings.Cut(s, "d")
	var total time.Duration
	if found {
		n, err := strconv.ParseUint(days, 10, 16)
		if err != nil {
			return 0, fmt.Errorf("%q is not a duration: write it as in \"30s\", \"5m\", \"1h30m\" or \"7d\"", s)
		}
		total = time.Duration(n) * 24 * time.Hour
		if rest == "" {
			return total, nil
		}
		s = rest
	}
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 {
		return 0, fmt.Errorf("%q is not a duration: write it as in \"30s\", \"5m\", \"1h30m\" or \"7d\"", s)
	}
	return total + d, nil
}

// Bytes is a number of bytes.
type Bytes int64

var sizeUnits = []struct {
	suffix string
	factor float64
}{
	{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"TiB", 1 << 40},
	{"kB", 1e3}, {"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12}, {"B", 1},
}

// ParseSize reads a number of bytes such as "8MiB", "1.5GB" or "4096".
func ParseSize(s string) (Bytes, error) {
	number, factor := strings.TrimSpace(s), 1.0
	for _, unit := range sizeUnits {
		if rest, ok := strings.CutSuffix(number, unit.suffix); ok {
			number, factor = strings.TrimSpace(rest), unit.factor
			break
		}
	}
	n, err := strconv.ParseFloat(number, 64)
	if err != nil || !(n >= 0) || n*factor > 1<<62 {
		return 0, fmt.Errorf("%q is not a size: write it as in \"512KiB\", \"8MiB\" or \"1GiB\"", s)
	}
	return Bytes(n * factor), nil
}

// ParseMode reads permission bits such as "0644" or "4755". Three digits are
// refused: they are more often a number that lost its leading zero.
func ParseMode(s string) (uint32, error) {
	if len(s) == 4 {
		if n, err := strconv.ParseUint(s, 8, 12); err == nil {
			return uint32(n), nil
		}
	}
	return 0, fmt.Errorf("%q is not a mode: write four octal digits in quotes, as in \"0644\"", s)
}

// FormatMode is the inverse of [ParseMode].
func FormatMode(mode uint32) string { return fmt.Sprintf("%04o", mode&0o7777) }
