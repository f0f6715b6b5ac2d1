package process

import (
	"sync"
	"time"
)

// memoryInterval is how often it is looked at how much memory a program holds.
// That takes about half a millisecond for each process, and what ends sooner is
// seldom large.
const memoryInterval = 2 * time.Second

// measureMemory looks at a process and its descendants from time to time, until
// the function that it returns is called, which returns the most that they held
// together. What ends before the first look costs nothing.
func measureMemory(pid int) (most func() int64) {
	var (
		mu    sync.Mutex
		held  int64
		ended bool
		timer *time.Timer
	)
	look := func() {
		now := heldBy(pid, maxGenerations)
		mu.Lock()
		defer mu.Unlock()
		if held = max(held, now); !ended {
			timer.Reset(memoryInterval)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	timer = time.AfterFunc(memoryInterval, look)
	return func() int64 {
		mu.Lock()
		defer mu.Unlock()
		ended = true
		timer.Stop()
		return held
	}
}

// maxGenerations bounds how far children of children are followed.
const maxGenerations = 8
