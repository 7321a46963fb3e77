package reactorherd

import (
	"net/netip"
	"time"

	"proxyherd/reactor"
)

// Yielded is how often a client's commands, or a neighbour's lines, had to wait for
// the others' turn.
func Yielded(s *Server) int64 { return s.yielded }

// Drained has the transports of all links say that nothing is left to send.
func Drained(s *Server) {
	for _, n := range s.neighbours {
		if n.link != nil {
			n.link.outbox.ResumeProducing()
		}
	}
}

// WhatsatsRefused is how many WHATSATs were too many to wait.
func WhatsatsRefused(s *Server) int64 { return s.whatsatsRefused }

// Origins is how many addresses a server keeps count of.
func Origins(s *Server) int { return len(s.clients.origins) }

// OriginOf is the address under which a client counts.
func OriginOf(s *Server, client reactor.Address) netip.Addr {
	return s.clients.originOf(client).address
}

// Books are what a server keeps count of and must not lose count of. The map is
// from what is counted to how much of it there is.
func Books(s *Server) map[string]int {
	waiting := 0
	for _, c := range s.sessions {
		if c.queue != nil {
			waiting += c.queue.waiting
		}
	}
	return map[string]int{
		"sessions": len(s.sessions), "origins": len(s.clients.origins), "questions": len(s.asking),
		"waiting": s.waiting, "waiting in sessions": waiting,
	}
}

// SweepPause is how much later than at its deadline a session may end.
const SweepPause time.Duration = sweepPause
