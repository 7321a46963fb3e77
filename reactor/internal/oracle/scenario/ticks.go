package scenario

import "time"

// Tick is the unit of time in scripts and transcripts. Quarters of a second are
// exact in Python's floats as in nanoseconds, so that sums of them compare.
const Tick = time.Second / 4

// Ticks is the i-th word as a number of ticks.
func (w Words) Ticks(i int) time.Duration { return time.Duration(w.Int(i)) * Tick }

// InTicks is a duration as a number for an event.
func InTicks(d time.Duration) int { return int(d / Tick) }
