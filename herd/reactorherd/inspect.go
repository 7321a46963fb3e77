package reactorherd

import (
	"time"

	"proxyherd/herd"
	"proxyherd/reactor"
)

// Connection is one client's connection, as it stands.
type Connection struct {
	Number  uint64 // as in the log; 0 without one
	Client  reactor.Address
	Since   time.Time // to the second
	Lines   uint32    // commands so far; after 4,294,967,295 it begins anew
	Waiting int       // WHATSATs
	Holds   string    // why no more of its commands are read for now, see heldFor; empty: they are
}

// InspectStep is the most connections that one call of Connections gives.
const InspectStep = 500

// Connections gives the connections of clients in pieces, so that many of them
// do not hold the loop: a piece, and where the next begins; the first begins at
// math.MaxInt, and 0 is the end. Whoever is connected from the first piece to the
// last is in one of them, and may be in two. Call it on the loop.
//
// Twin: it holds the loop for one piece.
func (s *Server) Connections(before int) (piece []Connection, next int) {
	// Last to first: where a session leaves, one that was given already takes its
	// place, and none is passed over.
	end := min(before, len(s.sessions))
	next = max(0, end-InspectStep)
	piece = make([]Connection, 0, end-next)
	for i := end - 1; i >= next; i-- {
		piece = append(piece, s.sessions[i].connection())
	}
	return piece, next
}

func (c *session) connection() Connection {
	s := c.server
	seen := Connection{
		Number: c.log.Number(), Client: c.Transport.GetPeer(),
		Since: s.started.Add(time.Duration(c.since) * time.Second).Round(0),
		Lines: c.lines, Holds: heldFor[c.holds],
	}
	if c.queue != nil {
		seen.Waiting = c.queue.waiting
	}
	return seen
}

// Place is where a walk over the records is. The zero Place is the beginning.
type Place = herd.Cursor

// Walk is herd.Store.Walk over the server's records. Call it on the loop.
//
// Twin: the store is the loop's, and is walked as it is.
func (s *Server) Walk(from Place, most int, visit func(line []byte)) (next Place, more bool) {
	return s.node.Store().Walk(from, most, visit)
}

// show shows the onlooker what is passed on, and to whom.
func (s *Server) show(line []byte, from *link) {
	sender, to := "", []string(nil)
	if from != nil {
		sender = from.info.Peer
	}
	for _, l := range s.openLinks() {
		if l != from {
			to = append(to, l.info.Peer)
		}
	}
	s.onlooker.Passed(line, sender, to)
}

// heldFor names every set of holds.
var heldFor = [outputWaits | answersWait | turnOver + 1]string{
	outputWaits:                          "output",
	answersWait:                          "answers",
	outputWaits | answersWait:            "output answers",
	turnOver:                             "turn",
	outputWaits | turnOver:               "output turn",
	answersWait | turnOver:               "answers turn",
	outputWaits | answersWait | turnOver: "output answers turn",
}
