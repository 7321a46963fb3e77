package reactortest

// kind is what a segment is.
type kind uint8

const (
	syn    kind = iota // asks for a connection
	synAck             // grants it
	data
	ack   // tells that bytes were read
	fin   // no more data will come
	reset // the connection is dead, or was refused
)

// segment is one thing that travels.
type segment struct {
	kind kind
	data []byte // of data
	read int    // of ack
	due  int64  // when it arrives, in nanoseconds since 1970
}

// pipe is one direction of one connection: what is sent into it arrives in
// order at target.
type pipe struct {
	network  *Network
	from, to string      // the reactors, which name the link
	target   *socket     // nil until the connection was granted, towards the listener
	asks     *connection // that the pipe's first segment asks for; nil on the way back
	queue    []segment
	room     [4]segment // for a queue that is short, as most are
	stalled  bool       // waits for its link to heal
	severed  bool       // carries nothing more
	way      *link
}

// link is what the pipe runs through.
func (p *pipe) link() *link {
	if p.way == nil {
		p.way = p.network.link(p.from, p.to)
	}
	return p.way
}

// push sends a segment. One that would be faster than those before it arrives
// together with them: the wire only ever has the first.
func (p *pipe) push(s segment) {
	if p.severed {
		return
	}
	s.due = p.link().arrival(p.network, len(s.data))
	if last := len(p.queue) - 1; s.kind == ack && last >= 0 && p.queue[last].kind == ack && p.queue[last].due == s.due {
		p.queue[last].read += s.read
		return
	}
	if len(p.queue) == 0 {
		p.queue = p.room[:0]
	}
	p.queue = append(p.queue, s)
	if len(p.queue) == 1 && !p.stalled {
		p.network.wire.add(p, s.due)
	}
}

// deliver hands the first segment over, or stalls if the link is cut.
func (p *pipe) deliver() {
	if l := p.link(); l.cut {
		p.stalled = true
		l.stalled = append(l.stalled, p)
		return
	}
	first := p.queue[0]
	p.queue[0] = segment{}
	p.queue = p.queue[1:]
	if len(p.queue) > 0 {
		p.network.wire.add(p, p.queue[0].due)
	}
	if first.kind == syn {
		p.network.asked(p)
		return
	}
	p.target.arrive(first)
}

// restart goes on after the link has healed: nothing that was held arrives
// before due.
func (p *pipe) restart(due int64) {
	p.stalled = false
	for i := range p.queue {
		p.queue[i].due = max(p.queue[i].due, due)
	}
	if len(p.queue) > 0 {
		p.network.wire.add(p, p.queue[0].due)
	}
}

// drop takes back what a cut holds, because its sender has given up.
func (p *pipe) drop() {
	if p.stalled {
		p.queue = nil
	}
}

// wire has every pipe that carries something, by the arrival of its first
// segment, and by the order of sending where that is the same.
type wire struct {
	entries heap[wireEntry]
	number  uint64
}

type wireEntry struct {
	pipe *pipe
	rank
}

func (e wireEntry) before(o wireEntry) bool { return e.rank.before(o.rank) }

func (w *wire) add(p *pipe, due int64) {
	w.number++
	w.entries.push(wireEntry{p, rank{due, w.number}})
}

// take is the first pipe whose segment has arrived at now, nil if none has.
func (w *wire) take(now int64) *pipe {
	if due, found := w.next(); !found || due > now {
		return nil
	}
	return w.entries.pop().pipe
}

// next is when the next segment arrives, in nanoseconds since 1970.
func (w *wire) next() (due int64, found bool) {
	if len(w.entries) == 0 {
		return 0, false
	}
	return w.entries[0].due, true
}
