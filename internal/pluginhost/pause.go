package pluginhost

import (
	"math/rand/v2"
	"slices"
	"time"
)

// maxCrashes is how many within a minute are too many.
const maxCrashes = 5

// crashes decides when a process is started again.
type crashes struct {
	limits limits
	times  []time.Time // of the last minute
	series int         // since the process was last stable
	total  uint64
}

// add notes that a process that began at a time ended at another, and returns
// how long to wait before the next. The pause doubles; a random half of it keeps
// providers that ended together from coming back together. After too many the
// process rests.
func (c *crashes) add(began, ended time.Time) time.Duration {
	if ended.Sub(began) >= c.limits.stable {
		c.series = 0
	}
	c.series++
	c.total++
	c.times = slices.DeleteFunc(append(c.times, ended), func(t time.Time) bool { return ended.Sub(t) > time.Minute })
	if c.tooMany() {
		return c.limits.coolDown
	}
	pause := c.limits.firstPause
	for i := 1; i < c.series && pause < c.limits.lastPause; i++ {
		pause = min(2*pause, c.limits.lastPause)
	}
	return pause/2 + rand.N(pause/2+1)
}

func (c *crashes) tooMany() bool { return len(c.times) >= maxCrashes }
