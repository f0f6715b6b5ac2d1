package sinks

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain checks that closing a sink ends all that it started.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
