package main

import (
	"fmt"
	"math"
	"time"
)

// span writes a length of time by its two largest units: "12s", "3m5s", "4d2h".
func span(d time.Duration) string {
	s := int64(max(d, 0) / time.Second)
	switch {
	case s < 60:
		return fmt.Sprintf("%ds", s)
	case s < 60*60:
		return fmt.Sprintf("%dm%ds", s/60, s%60)
	case s < 24*60*60:
		return fmt.Sprintf("%dh%dm", s/3600, s/60%60)
	}
	return fmt.Sprintf("%dd%dh", s/86400, s/3600%24)
}

// size writes a number of bytes: "512B", "8.1MiB".
func size(n int64) string {
	if n < 1024 {
		return fmt.Sprintf("%dB", n)
	}
	// Four digits before the point would be as wide as the next unit's with one
	// behind it, and harder to read. An int64 ends before the units do.
	value, unit := float64(n)/1024, 0
	for ; value >= 1000; unit++ {
		value /= 1024
	}
	return fmt.Sprintf("%.1f%s", value, byteUnits[unit])
}

var byteUnits = [...]string{"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"}

// seconds writes a number of seconds: "0.41ms", "12.3s". One from outside may be of
// any size, which time.Duration has no room for, and no text should be as long as.
func seconds(s float64) string {
	switch a := math.Abs(s); {
	case a < 1:
		return fmt.Sprintf("%.2fms", 1000*s)
	case a < 1e7:
		return fmt.Sprintf("%.1fs", s)
	}
	return fmt.Sprintf("%.1es", s)
}

// ahead writes how far a clock is ahead, which is known to within so many seconds:
// less than that is noise, and a sign before noise would be taken for news.
func ahead(clock, within float64) string {
	switch {
	case math.Abs(clock) <= within:
		return "same"
	case clock > 0:
		return "+" + seconds(clock)
	}
	return seconds(clock)
}
