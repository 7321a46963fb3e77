package sim

import (
	"bytes"
	"fmt"
	"time"

	"proxyherd/herd"
)

// probe follows one update through a herd that is at peace, where it costs
// exactly 2E - (N - 1) messages.
type probe struct {
	world    *world
	id       []byte // whose update it is; nil: none is under way
	messages int
	// sent is when the update was first sent to each server.
	sent map[string]time.Time
}

func (w *world) newProbe(id string) probe {
	return probe{world: w, id: []byte(id), sent: map[string]time.Time{}}
}

// passed is told of every AT line between two servers. Those that are left broken
// do not count.
func (p *probe) passed(f *flow, line []byte) {
	if p.id != nil && bytes.Equal(fieldOf(line, 3), p.id) && p.world.inPart(f.from) && p.world.inPart(f.to) {
		p.messages++
		if _, before := p.sent[f.to]; !before {
			p.sent[f.to] = p.world.network.Seconds()
		}
	}
}

// calm is how long it may take until nothing is under way.
const calm = 20 * time.Second

// probes is how many updates are followed at the end of a fight.
const probes = 2

// checkMessages sends updates through the part, and counts.
func (w *world) checkMessages() {
	if w.bus != nil {
		w.checkReach()
		return
	}
	part := w.mended
	links := w.fight.Graph.within(w.inPart)
	first := int(uint64(w.fight.Setup.Network) % uint64(len(part)))
	for n := range probes {
		m := part[(first+n)%len(part)]
		w.follow(m, fmt.Sprintf("probe%d", n+1), 2*links-(len(part)-1))
	}
}

// follow sends one update, of a client that nobody knows, from one server.
func (w *world) follow(m *member, id string, want int) {
	w.network.Settle(calm)
	// Only now: a server that is left broken may still have sent its records.
	if cap := w.fight.Setup.Records; cap > 0 && int64(m.server.Store().Len()) >= cap {
		return // it would be refused
	}
	if !w.quiet() {
		return // a link was lost since all agreed
	}
	changes := w.wires.changes
	w.probe = w.newProbe(id)
	c := w.sendProbe(m, id)
	done := func() bool {
		for _, m := range w.mended {
			if m.server == nil || !w.knows(m, id) {
				return false
			}
		}
		return true
	}
	if !w.network.RunUntil(done, 20*time.Second) && c.served {
		w.violated("messages", "%s's update of %s is not everywhere", m.name, id)
	}
	// What would come too often comes right behind, or when a link has got through
	// what it was behind with.
	w.advance(w.elapsed() + time.Second/10)
	w.network.Settle(calm)
	got := w.probe.messages
	w.probe = probe{}
	if !c.served || w.wires.changes != changes || w.wires.leaveThePart() {
		// It was refused, or links came and went, or the update may have come back
		// from those that are left broken: that is no peace.
		return
	}
	w.tally.Probes++
	if got != want {
		w.violated("messages", "an update from %s cost %d messages, and 2E - (N - 1) is %d", m.name, got, want)
	}
}

// sendProbe has a new client send the update to a server.
func (w *world) sendProbe(m *member, id string) *client {
	w.connect("the probe", m)
	c := w.talkers["the probe"]
	c.send(fmt.Sprintf("IAMAT %s +1+1 %d", id, w.network.Seconds().Unix()), true)
	c.end()
	return c
}

// knows reports whether a server has a record of a client.
func (w *world) knows(m *member, id string) bool {
	var r herd.Record
	return m.server.Store().Get([]byte(id), &r)
}
