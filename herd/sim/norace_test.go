//go:build !race

package sim

// seedsOfTheTest is how many seeds a test fights.
const seedsOfTheTest = 300
