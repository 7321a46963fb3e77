package monitor

import (
	"time"

	"proxyherd/herd"
)

// Measures is what a server counts, of one moment. Counts begin at its start.
type Measures struct {
	Status    herd.Status
	Connected uint64           // clients so far, refused ones left out
	Unproved  int              // connections of neighbours that have proved nothing yet
	Clients   herd.Traffic     // with clients
	Links     herd.Traffic     // with neighbours
	Answers   Histogram        // from a WHATSAT to its answer
	Exchanges []herd.Exchanges // in the order of Status.Links
	Turns     Histogram        // of the loop; the zero value where nobody measures them
	Log       Log

	// ThreadTurns are the turns by the processor time of the loop's thread, and
	// ThreadSlowest the slowest so of the last one to two minutes. The zero values:
	// nobody measures that.
	ThreadTurns   Histogram
	ThreadSlowest Turn
}

// Turn is one turn of the loop.
type Turn struct {
	Seconds  float64
	Callback string // that took longest in it
}

// Log is what became of a server's log.
type Log struct {
	Dropped, DroppedBytes  uint64 // what did not fit into the queue
	EchoDropped            uint64 // events that standard error did not take
	LostBytes, WriteErrors uint64 // what the disk did not take
	Waiting                int    // bytes
}

// Histogram counts times by how long they were: Counts has one more than Bounds,
// for what was longer than all of them. The zero value is left out of the metrics.
type Histogram struct {
	Bounds []time.Duration // rising
	Counts []uint64        // each time counts once
	Sum    time.Duration
}

// cumulative is the histogram as Prometheus has it: for each bound in seconds,
// how many were no longer.
func (h Histogram) cumulative() (count uint64, buckets map[float64]uint64) {
	buckets = make(map[float64]uint64, len(h.Bounds))
	for i, n := range h.Counts {
		count += n
		if i < len(h.Bounds) {
			buckets[h.Bounds[i].Seconds()] = count
		}
	}
	return count, buckets
}
