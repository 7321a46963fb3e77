package goroutineherd_test

import (
	"testing"

	"go.uber.org/goleak"
)

// A server that has stopped leaves no goroutine behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
