//go:build race

package command_test

// raceFactor is how much more memory a process takes with the race detector.
const raceFactor = 10
