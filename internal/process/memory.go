package process

import "time"

// memoryInterval is how often it is looked at how much memory a program holds.
// That takes about half a millisecond for each process, and what ends sooner is
// seldom large.
const memoryInterval = 2 * time.Second

// measureMemory looks at a process and its descendants from time to time, until
// the function that it returns is called, which returns the most that they held
// together.
func measureMemory(pid int) (most func() int64) {
	stop, result := make(chan struct{}), make(chan int64)
	go func() {
		look := time.NewTicker(memoryInterval)
		defer look.Stop()
		var held int64
		for {
			select {
			case <-look.C:
				held = max(held, heldBy(pid, maxGenerations))
			case <-stop:
				result <- held
				return
			}
		}
	}()
	return func() int64 {
		close(stop)
		return <-result
	}
}

// maxGenerations bounds how far children of children are followed.
const maxGenerations = 8
