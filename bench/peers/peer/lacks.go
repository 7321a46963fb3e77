package peer

// Lack is something that our servers do and some of the others do not.
type Lack struct {
	What string
	Who  map[string]string // by name, why or in what form; without an entry, it does it
}

// everybody lacks something for the same reason.
func everybody(why string) map[string]string {
	who := map[string]string{}
	for _, p := range All() {
		who[p.Name] = why
	}
	return who
}

// Lacks returns what our servers do and others do not. Of all else that the protocol
// says, the tests hold them to it.
func Lacks() []Lack {
	return []Lack{
		{"compares records by digest when a link opens", everybody("a full dump")},
		{"heartbeats: notices a neighbour that hangs", everybody("by TCP alone")},
		{"`link_mac`", everybody("refuses to start")},
		{"an upstream other than `twitter`", everybody("refuses to start")},
		{"HTTP port: status, readiness, metrics", everybody("no")},
		{"makes a secret where none is", everybody("refuses to start")},
		{"an acknowledgement leaves after its update", map[string]string{
			"twisted": "in the same turn of the loop: Twisted has no order of flushing"}},
		{"the log is written off the loop", map[string]string{"twisted": "in it, as Twisted's own"}},
		{"the log's queue is bounded; rotation, reopening", everybody("no")},
		{"time of receipt finer than a millisecond", map[string]string{"node": "the clock of the day has no more"}},
		{"upstream: second attempt, breaker, pause, cache, equal questions joined", everybody("no")},
		{"bounds on connections, silence, and time over a line", everybody("no")},
		{"bounds on records", everybody("no")},
		{"turns: a client's commands wait for others'", everybody("a read's worth at once")},
		{"cuts off who takes nothing: `output_per_client_most`, `peer_stall`", everybody("is not read, or waits")},
		{"says that one name is used by two", everybody("the newer replaces the older")},
	}
}
