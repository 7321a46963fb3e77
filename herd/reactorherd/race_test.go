//go:build race

package reactorherd_test

// raceDetector says that everything takes ten times as long.
const raceDetector = true
