//go:build !race

package command_test

const raceFactor = 1
