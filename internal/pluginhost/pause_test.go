package pluginhost

import (
	"testing"
	"time"
)

func TestPausesGrowUntilAProcessIsStable(t *testing.T) {
	c := crashes{limits: defaultLimits()}
	now := time.Unix(0, 0)
	within := func(what string, got, least, most time.Duration) {
		t.Helper()
		if got < least || got > most {
			t.Errorf("%s: a pause of %s, want between %s and %s", what, got, least, most)
		}
	}
	bound := c.limits.firstPause
	for range 12 { // far enough apart not to be too many
		now = now.Add(20 * time.Second)
		within("a series", c.add(now.Add(-time.Second), now), bound/2, bound)
		bound = min(2*bound, c.limits.lastPause)
	}
	now = now.Add(2 * time.Minute)
	within("after a stable minute", c.add(now.Add(-time.Minute), now), c.limits.firstPause/2, c.limits.firstPause)
	for range maxCrashes - 2 {
		c.add(now, now)
	}
	if c.tooMany() {
		t.Error("there were too many before the last")
	}
	within("one too many", c.add(now, now), c.limits.coolDown, c.limits.coolDown)
}
