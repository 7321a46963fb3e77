package sim

// slack is how many bytes may wait for a slow neighbour beyond what is allowed for
// updates: heartbeats, and what a comparison asks and answers.
const slack = 3 << 10

// mayWait is how many bytes may wait at a server for a slow neighbour: peer_output,
// or else what its transport takes before it says that it is full. That may end
// with a piece of the records that are sent again, which holds all that a fight has.
func (w *world) mayWait(m *member) int64 {
	mark := w.fight.Setup.HighWater
	if mark == 0 {
		mark = 65536
	}
	return max(int64(w.config.Limits.PeerOutput), mark+m.server.Store().Bytes()) + slack
}

// checkBounds checks what waits for slow neighbours, and judges what was noticed
// in moments that are over.
func (w *world) checkBounds() {
	w.wires.judge()
	if w.wires.left == 0 {
		return
	}
	for m := range w.live {
		if w.wires.behind(m.name) {
			w.checkWaiting(m)
		}
	}
}

// behind reports whether something waits at a server for one of its neighbours.
func (ws *wires) behind(server string) bool {
	for _, f := range ws.from[server] {
		if f.left {
			return true
		}
	}
	return false
}

func (w *world) checkWaiting(m *member) {
	limits, most := &w.config.Limits, w.mayWait(m)
	for _, l := range m.server.Links() {
		if l.Waiting > most {
			w.violated("bounds", "%d bytes wait at %s for %s, and %d are allowed", l.Waiting, m.name, l.Peer, most)
		}
		if l.Changed > limits.PeerChanged {
			w.violated("bounds", "%d changed clients are noted at %s for %s, and %d are allowed", l.Changed, m.name, l.Peer, limits.PeerChanged)
		}
		if l.Changed > 0 {
			w.tally.Paths["changed clients noted"]++
		}
		if l.Dumping {
			w.tally.Paths["everything to be sent"]++
		}
	}
}
