package reactorherd

import (
	"bytes"
	"math"

	"proxyherd/reactor"
)

// pacing lets others have their turn once as many of a neighbour's lines have been
// taken as one turn has. A full read has some 700, and of clients that are new here
// each takes some 2 us.
//
// Twin: a link that has had its turn reads no further, and goes on in the next turn of
// the loop; there it has a goroutine of its own, and nobody waits for it.
type pacing struct {
	link *link
	left int                 // lines that this turn may still take
	turn reactor.DelayedCall // the next; nil: nothing waits for it
	rest []byte              // what has come and waits for it; its memory is kept
}

// end drops what waits.
func (p *pacing) end() {
	if p.turn != nil {
		_ = p.turn.Cancel() // pending: it clears itself when it runs
		p.turn = nil
	}
}

// take takes what came, or what has waited for this turn, as far as this turn goes.
func (p *pacing) take(data []byte) {
	l := p.link
	s := l.server
	// Also of what waited: while it did, the neighbour could not be heard.
	l.heard = s.reactor.Seconds()
	s.sealing.begin()
	defer s.sealing.end()
	if p.left = s.limits.LinesPerTurn; l.over {
		p.left = math.MaxInt // there is no further turn
	}
	l.takeProven()
	now, later := data, data[:0]
	if !l.terms.MAC { // else a line is only kept until it is proved, and counts when it is heeded
		now, later = cutLines(data, p.left)
	}
	s.node.Ahead(now)
	_ = l.LineReceiver.DataReceived(l, now) // a link's own lines bring no error
	if l.losing != nil || len(later) == 0 && len(l.proven) == 0 {
		return
	}
	p.rest = append(p.rest[:0], later...) // now is done with, if it was here
	s.yielded++
	l.Transport.PauseProducing()
	p.turn = s.reactor.CallLater(0, func() { l.guard(p.goOn) })
}

// goOn takes what has waited for this turn.
func (p *pacing) goOn() {
	p.turn = nil
	p.link.Transport.ResumeProducing()
	p.take(p.rest)
}

// takeRest takes what waits when the connection is lost: it has come, and may not come
// again.
func (p *pacing) takeRest() {
	if p.turn != nil && p.link.losing == nil {
		p.end()
		p.take(p.rest)
	}
}

// cutLines divides data behind its n-th line.
func cutLines(data []byte, n int) (first, rest []byte) {
	at := 0
	for range n {
		end := bytes.IndexByte(data[at:], '\n')
		if end < 0 {
			return data, nil
		}
		at += end + 1
	}
	return data[:at], data[at:]
}
