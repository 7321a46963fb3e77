package reactorherd

import (
	"time"

	"proxyherd/herd"
	"proxyherd/reactor"
)

// outbox is what is on its way to one neighbour: a link's push producer. While
// the neighbour takes what it gets, lines go straight through. When too much
// waits, it keeps the ids of changed clients in place of their lines, and when
// those are too many only that everything must be sent again; so a neighbour
// that is slow, or stopped, costs bounded memory.
type outbox struct {
	link *link // nil while the link is not open

	full     bool                // the transport has more than it likes
	taken    int64               // bytes that the system had taken at the last look
	progress time.Time           // when that had grown
	stalled  reactor.DelayedCall // the next look, while full

	changed herd.ChangedSet
	dumping bool // the whole store is on its way
	due     bool // pump is, in the next turn, and goes on with the store
	cursor  herd.Cursor
	dumped  func() // told when it is
	last    func() // told when nothing is left, while the server stops
}

// dumpStep is how many records are looked at before asking whether the
// transport has enough.
const dumpStep = 64

// dumpTurn is how many of these steps one turn has: what the transport takes at once
// are some 700 records, which are read from all over the memory.
//
// Twin: others have their turn meanwhile; there nobody waits for the goroutine that
// sends the store.
const dumpTurn = 4

// begin serves a neighbour that has just been linked.
func (o *outbox) begin(l *link) { o.link = l }

// sendAll sends the whole store in the turns that follow: a large one must not
// hold up this one. Then done is called, unless the link is lost before.
func (o *outbox) sendAll(done func()) {
	o.dumped = done
	o.dump()
	o.pumpLater()
}

// pumpLater is pump in the next turn, once.
func (o *outbox) pumpLater() {
	if o.due {
		return
	}
	o.due = true
	l := o.link
	l.server.reactor.CallLater(0, func() {
		o.due = false
		l.guard(o.pump)
	})
}

// dump starts sending the whole store, from its beginning.
func (o *outbox) dump() {
	o.dumping, o.cursor = true, herd.Cursor{}
	o.changed.Clear()
}

// Send, Forward, Full and Lagging make the outbox a comparison's outlet.
func (o *outbox) Send(line []byte) {
	if o.link == nil {
		return // lost by a line before this one
	}
	o.write(line)
	// Answers end long before. This is for a neighbour that goes on asking.
	if o.unsent() > 2*o.most() {
		o.link.lose(errTooMuchAsked)
	}
}

func (o *outbox) Full() bool { return o.full }
func (o *outbox) Lagging() bool {
	return o.dumping || o.changed.Len() > 0 || o.full && o.link != nil && o.unsent() > o.most()
}

// answersRoom is what a comparison may have waiting besides the updates: the
// answers to as many questions as are asked at once, of the largest digest. With
// less, they would put off the comparison that they belong to.
const answersRoom = 512 << 10

// most is how many bytes may wait before nothing more is answered.
func (o *outbox) most() int { return o.link.server.limits.PeerOutput + answersRoom }
func (o *outbox) Forward(line []byte) {
	if o.link == nil || !o.link.server.faulty.withholds(line) {
		o.put(line)
	}
}

// end forgets everything.
func (o *outbox) end() {
	o.unstall()
	o.link = nil
}

// put sends an AT line, with its end, or notes whose it is.
func (o *outbox) put(line []byte) {
	if o.link == nil {
		return
	}
	if !o.full || o.unsent()+len(line) <= o.link.server.limits.PeerOutput {
		o.write(line)
		return
	}
	if o.changed.Len() >= o.link.server.limits.PeerChanged {
		o.dump()
	}
	var r herd.Record
	// The line is one of the node's own, which are all well formed.
	if herd.ParseAT(line[:len(line)-1], &r) == nil {
		o.changed.Add(r.ID)
	}
}

func (o *outbox) write(line []byte) { o.link.write(line) }

// unsent is how many bytes wait for the neighbour.
func (o *outbox) unsent() int { return o.link.Transport.(reactor.TCPTransport).Unsent() }

// received takes note that the neighbour itself has sent a client's newest
// record: it need not get it from us.
func (o *outbox) received(line []byte) {
	if o.changed.Len() == 0 {
		return
	}
	var r herd.Record
	if herd.ParseAT(line[:len(line)-1], &r) == nil {
		o.changed.Remove(r.ID)
	}
}

// PauseProducing is the transport's, with every write above its high-water
// mark.
//
// Twin: the transport has the bytes, and calls this when they are too many, and
// ResumeProducing when they are gone.
func (o *outbox) PauseProducing() {
	if o.full || o.link == nil {
		return
	}
	o.full = true
	o.progress = o.link.server.reactor.Seconds()
	o.taken = o.link.written - int64(o.unsent())
	o.watch()
}

// stallLooks is how often in peer_stall it is looked whether the neighbour takes
// anything.
const stallLooks = 5

// watch ends the link if the neighbour takes nothing of what waits for too long.
// One that is slow, but takes some, is waited for.
func (o *outbox) watch() {
	l := o.link
	stall := time.Duration(l.server.limits.PeerStall)
	o.stalled = l.server.reactor.CallLater(stall/stallLooks, func() {
		o.stalled = nil
		l.guard(func() {
			now, taken := l.server.reactor.Seconds(), l.written-int64(o.unsent())
			if taken > o.taken {
				o.taken, o.progress = taken, now
			}
			if now.Sub(o.progress) >= stall {
				l.lose(errStalled)
			} else {
				o.watch()
			}
		})
	})
}

// ResumeProducing is the transport's, when it has nothing left to send.
func (o *outbox) ResumeProducing() {
	o.unstall()
	o.full = false
	o.pump()
}

// StopProducing is the transport's, when the connection is gone.
func (o *outbox) StopProducing() { o.end() }

func (o *outbox) unstall() {
	if o.stalled != nil {
		_ = o.stalled.Cancel() // pending: it clears itself when it runs
		o.stalled = nil
	}
}

// pump sends what waits, changed clients first, until the transport has enough.
func (o *outbox) pump() {
	if o.link == nil {
		return
	}
	store := o.link.server.node.Store()
	var r herd.Record
	var line []byte
	for !o.full && o.changed.Len() > 0 {
		if store.Get(o.changed.Take(), &r) {
			line = r.AppendLine(line[:0])
			o.write(line)
		}
	}
	for step := 0; !o.full && o.dumping && !o.due; step++ {
		if step == dumpTurn {
			o.pumpLater()
			return
		}
		o.cursor, o.dumping = store.Walk(o.cursor, dumpStep, o.write)
	}
	if o.full || o.Lagging() {
		return
	}
	if done := o.dumped; done != nil {
		o.dumped = nil
		done()
	}
	o.link.comparing.resume()
	if o.last != nil {
		o.last()
	}
}
