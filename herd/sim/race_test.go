//go:build race

package sim

// seedsOfTheTest is how many seeds a test fights. The race detector makes each
// many times as slow.
const seedsOfTheTest = 40
