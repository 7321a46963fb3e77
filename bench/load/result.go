package load

import (
	"fmt"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Result is what a run has measured. Times are in microseconds.
type Result struct {
	Loop        string  `json:"loop"` // "closed", "open" or "churn"
	Connections int     `json:"connections"`
	Pipeline    int     `json:"pipeline,omitempty"`
	Asked       float64 `json:"asked,omitempty"` // requests a second that were due
	Clients     int     `json:"clients"`
	IDs         string  `json:"ids"`
	Dialect     string  `json:"dialect,omitempty"` // empty in results of before there were others
	Whatsat     float64 `json:"whatsat,omitempty"`

	Seconds float64 `json:"seconds"`
	Replies uint64  `json:"replies"` // good ones, within that time
	Rate    float64 `json:"rate"`    // of them a second

	// Answered is how many good replies there were since the connections were
	// opened, the preload's and the warm-up's included.
	Answered uint64 `json:"answered"`

	Errors Errors `json:"errors"`

	// Latency is of the requests that were sent, or due, in that time, whenever they
	// were answered: in a closed loop from their write, in an open loop from their due
	// time.
	Latency Times `json:"latency"`

	// Spans is the latency of an open loop in a usual tenth of a second, where enough
	// was due in each. Results of before it was measured have none.
	Spans *Spans `json:"spans,omitempty"`

	// Lag is how late the requests of an open loop were made: that is in Latency too,
	// and is the generator's doing.
	Lag *Times `json:"lag,omitempty"`

	Server Cost `json:"server"` // all processes of Options.PIDs together
	Own    Cost `json:"own"`    // this one's threads of load; CPU alone

	// Others is how many cores were busy with neither, where the servers' processes are
	// known: where it is not near 0, the machine was not quiet.
	Others float64 `json:"others"`

	// Limit says why the generator, and not the server, may have been what held the
	// rate down; empty if nothing speaks for it.
	Limit string `json:"limit,omitempty"`
}

// Times are the percentiles of a histogram, in microseconds.
type Times struct {
	P50   float64 `json:"p50"`
	P90   float64 `json:"p90"`
	P99   float64 `json:"p99"`
	P999  float64 `json:"p99.9"`
	P9999 float64 `json:"p99.99"`
	Max   float64 `json:"max"`
	Mean  float64 `json:"mean"`
	Count int64   `json:"count"`
}

func newTimes(h *hdrhistogram.Histogram) Times {
	at := func(percentile float64) float64 { return float64(h.ValueAtPercentile(percentile)) / 1e3 }
	t := Times{Count: h.TotalCount()}
	if t.Count > 0 {
		t.P50, t.P90, t.P99, t.P999, t.P9999 = at(50), at(90), at(99), at(99.9), at(99.99)
		t.Max, t.Mean = float64(h.Max())/1e3, h.Mean()/1e3
	}
	return t
}

// Cost is what processes used during a measurement.
type Cost struct {
	CPU      float64 `json:"cpu"`        // processor seconds
	Cores    float64 `json:"cores"`      // how many were busy on the average
	CPUPerOp float64 `json:"cpu_per_op"` // microseconds for a reply

	Resident  int64 `json:"resident"`  // bytes of memory at the end
	Anonymous int64 `json:"anonymous"` // of them, those that are no file's, and not shared

	// Proportional counts a page that several of the processes share once. It is 0 in
	// results of before it was read.
	Proportional int64 `json:"proportional"`
}

const (
	// busyEnough is the share of a core from which on a thread is what limits.
	busyEnough = 0.95
	// lagging is how late requests of an open loop may be at the 99th percentile.
	lagging = 200 * time.Microsecond
)

// limit says why the generator may be the limit.
func (r *Result) limit(threads int) string {
	share := r.Own.Cores / float64(threads)
	server := "and the servers' use is not known"
	if r.Server.Cores > 0 {
		server = fmt.Sprintf("the servers' %.0f %% of one", 100*r.Server.Cores)
	}
	switch {
	case r.Server.Cores >= busyEnough:
		return ""
	case r.Loop == "closed" && share >= busyEnough:
		return fmt.Sprintf("the load's threads were busy for %.0f %% of a core each, %s", 100*share, server)
	case r.Lag != nil && r.Lag.P99 > float64(lagging/time.Microsecond):
		return fmt.Sprintf("one request in a hundred was made %.0f us late or more, %s", r.Lag.P99, server)
	}
	return ""
}
