package main

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"proxyherd/herd/upstream"
)

// piece is how long a piece of work takes on a core of its own.
const piece = 50 * time.Millisecond

// computing asks nobody, and computes. Its Fetch is called where an upstream's is: on the
// reactor in a DeferToThread, and else in a goroutine.
type computing struct{ times int }

// newComputing measures how much is a piece of work, before anybody waits.
func newComputing() *computing {
	times := 10_000
	for took(times) < 10*time.Millisecond {
		times *= 2
	}
	least := took(times)
	for range 4 {
		least = min(least, took(times))
	}
	return &computing{times * int(piece) / int(least)}
}

// Fetch does a piece of work, whatever it is asked.
func (c *computing) Fetch(context.Context, upstream.Query) upstream.Result {
	return upstream.Result{Line: fmt.Appendf(nil, `{"error":"nothing was asked, but %d computed"}`, spin(c.times))}
}

// spin is work that the compiler cannot leave out, as its result is used.
func spin(times int) (value uint32) {
	value = 1
	for range times {
		value = (value*1103515245 + 12345) & 0x7fffffff
	}
	return value
}

func took(times int) time.Duration {
	start := time.Now()
	runtime.KeepAlive(spin(times))
	return time.Since(start)
}
