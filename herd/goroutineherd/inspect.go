package goroutineherd

import (
	"net"
	"slices"
	"time"
)

// Connection is one client's connection, as it stands.
type Connection struct {
	Number  uint64 // as in the log; 0 without one
	Client  net.Addr
	Since   time.Time // to the second
	Lines   uint32    // commands so far; after 4,294,967,295 it begins anew
	Waiting int       // WHATSATs
	Holds   string    // why no more of its commands are read for now, see heldFor; empty: they are
}

// InspectStep is the most connections that one call of Connections gives.
const InspectStep = 500

// Connections gives the connections of clients in pieces, so that many of them
// do not keep others from the server's books: a piece, and where the next begins;
// the first begins at math.MaxInt, and 0 is the end. Whoever is connected from the
// first piece to the last is in one of them, and may be in two.
//
// Twin: it holds the server's lock while it copies the list, and then each session's
// in turn, never both.
func (s *Server) Connections(before int) (piece []Connection, next int) {
	s.mu.Lock()
	// Last to first: where a session leaves, one that was given already takes its
	// place, and none is passed over.
	end := min(before, len(s.sessions))
	next = max(0, end-InspectStep)
	some := slices.Clone(s.sessions[next:end])
	s.mu.Unlock()
	piece = make([]Connection, 0, len(some))
	for i := len(some) - 1; i >= 0; i-- {
		piece = append(piece, some[i].connection())
	}
	return piece, next
}

func (c *session) connection() Connection {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.server
	seen := Connection{
		Number: c.log.Number(), Client: c.conn.RemoteAddr(),
		Since: s.started.Add(time.Duration(c.since) * time.Second).Round(0),
		Lines: c.lines, Holds: heldFor[c.holds],
	}
	if c.queue != nil {
		seen.Waiting = c.queue.waiting
	}
	return seen
}

// Place is where a walk over the records is. The zero Place is the beginning.
type Place = cursor

// Walk is herd.Store.Walk over the server's records. visit must not call the server.
//
// Twin: it holds the lock of one shard, and other records may be put meanwhile.
func (s *Server) Walk(from Place, most int, visit func(line []byte)) (next Place, more bool) {
	return s.store.Walk(from, most, visit)
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
var heldFor = [outputWaits | answersWait + 1]string{
	outputWaits:               "output",
	answersWait:               "answers",
	outputWaits | answersWait: "output answers",
}
