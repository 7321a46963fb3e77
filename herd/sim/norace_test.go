//go:build !race

package sim

const (
	seedsOfTheTest   = 300  // that a test fights
	serversOfTheTest = 2000 // of a large herd
)
