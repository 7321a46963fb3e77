//go:build race

package sim

// The race detector makes everything many times as slow.
const (
	seedsOfTheTest   = 25  // that a test fights
	serversOfTheTest = 500 // of a large herd
)
