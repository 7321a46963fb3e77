package goroutineherd

import "proxyherd/herd"

// reactorherd has no such file: there one Node serves all connections.

// desk is where a goroutine carries out lines: a Node with the buffers that it
// needs, on the store that all share. Who has lines takes one, and gives it back
// after them, so that a connection that is idle has none.
type desk struct {
	server *Server
	node   *herd.Node
	from   *link  // whose lines they are; nil: a client's
	line   []byte // of the record under way
	found  []byte // what Get has read
	passOn func(*herd.Record)
}

func newDesk(s *Server) *desk {
	d := &desk{server: s}
	d.passOn = func(r *herd.Record) {
		d.line = r.AppendLine(d.line[:0])
		s.passOn(d.line, d.from)
	}
	node, err := herd.NewNodeOn(s.settings, d)
	if err != nil {
		panic(err) // New has made one of the same settings
	}
	d.node = node
	return d
}

// takeDesk returns a desk for the lines of a link, or of a client.
func (s *Server) takeDesk(from *link) *desk {
	d := s.desks.Get().(*desk)
	d.from = from
	return d
}

// giveDesk takes it back, and what was counted on it.
func (s *Server) giveDesk(d *desk) {
	d.from = nil
	counted := d.node.TakeCounters()
	s.tally.mu.Lock()
	s.tally.counters.Add(counted)
	s.tally.mu.Unlock()
	s.desks.Put(d)
}

// Put keeps a record, and passes it on if it is news, in one step: see store.put.
func (d *desk) Put(r *herd.Record, room herd.Room) (changed bool, err error) {
	return d.server.store.put(r, room, d.passOn)
}

// Get, Len and Bytes make the desk a herd.Keeper.
func (d *desk) Get(id []byte, r *herd.Record) (found bool) {
	d.found, found = d.server.store.get(id, r, d.found)
	return found
}

func (d *desk) Len() int     { return d.server.store.Len() }
func (d *desk) Bytes() int64 { return d.server.store.Bytes() }
