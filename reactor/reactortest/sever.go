package reactortest

// Sever ends every connection between two reactors, as when a machine between
// them dies: of what is on its way, each direction still delivers a beginning of
// random length, which may end within a line, and then a reset. A cut holds both
// back, and they are lost if the connection is aborted meanwhile.
func (n *Network) Sever(a, b string) {
	n.trace(Event{Kind: ConnectionsSevered, Reactor: a, Detail: "with " + b})
	for _, r := range n.reactors {
		if r.name != a && r.name != b {
			continue
		}
		r.eachSource(func(s source) {
			// Each end cuts what it sends; its peer's is cut at the peer's.
			if t, ok := s.(*transport); ok && t.socket.out.joins(a, b) {
				t.socket.out.sever()
			}
		})
	}
}

func (p *pipe) joins(a, b string) bool {
	return p.from == a && p.to == b || p.from == b && p.to == a
}

// sever keeps a beginning of what is on its way, and puts a reset in the place
// of the rest and of whatever is sent before the sender hears of it.
func (p *pipe) sever() {
	size := 0
	for _, s := range p.queue {
		size += len(s.data)
	}
	left := p.network.random.IntN(size + 1)
	for i := range p.queue {
		s := &p.queue[i]
		if left -= len(s.data); left > 0 || len(s.data) == 0 {
			continue
		}
		// The wire knows when the first of a queue is due, and so it stays.
		s.data = s.data[:len(s.data)+left]
		p.queue = p.queue[:i+1]
		break
	}
	p.push(segment{kind: reset})
	p.severed = true
}
