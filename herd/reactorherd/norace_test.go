//go:build !race

package reactorherd_test

const raceDetector = false
