package reactorherd

import "proxyherd/herd"

// tally is what only Measures tells. The loop alone writes it.
//
// Twin: plain numbers, written by the loop.
type tally struct {
	connected      uint64
	clients, links herd.Traffic
	answers        herd.AnswerTimes
}

// Measures is all that the server counts, of one moment. Call it on the loop,
// which it holds for as long as Status does.
func (s *Server) Measures() herd.Measures {
	m := herd.Measures{
		Status:    s.Status(),
		Connected: s.tally.connected, Unproved: s.unproved,
		Clients: s.tally.clients, Links: s.tally.links, Answers: s.tally.answers,
		Exchanges: make([]herd.Exchanges, len(s.neighbours)),
	}
	for i, n := range s.neighbours {
		m.Exchanges[i] = n.exchanges
	}
	return m
}
