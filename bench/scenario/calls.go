package scenario

import "proxyherd/bench/calls"

// Calls are the system calls of a server during a measurement, connecting and warm-up
// included.
type Calls struct {
	calls.Counts
	Replies int64 `json:"replies"`
}

// perReply is reads, writes and waits for a reply.
func (c *Calls) perReply() float64 {
	return float64(c.Read+c.Write+c.Wait) / float64(c.Replies)
}

// events is how many requests' pieces of input a turn had.
func (c *Calls) events(pipeline int) float64 {
	return float64(c.Replies) / float64(max(1, pipeline)) / float64(c.Turns)
}

// allowed is how many calls a reply may take with b events in a turn: a read and a write
// for each piece of input, and so many more for each turn.
func (c *Calls) allowed(perTurn float64, pipeline int) float64 {
	return (2 + perTurn/c.events(pipeline)) / float64(max(1, pipeline))
}
