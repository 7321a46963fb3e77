//go:build race

package herdtest

// raceDetector says that everything takes ten times as long.
const raceDetector = true
