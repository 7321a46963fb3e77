//go:build !race

package herdtest

const raceDetector = false
