//go:build linux

package gnetreactor

// pace knows whether events come alone or in crowds. Where they come alone,
// waiting for the end of the turn gains nothing: there is nothing to batch, and
// the bell costs a write and a round through epoll. Where they come in crowds
// the wait is worth it: a link that every client's report is flooded to gets
// one write for all of them.
//
// The end of a turn shows which it was: how many events came since the bell was
// rung. While events are alone nothing rings, so now and then one does to find
// out.
type pace struct {
	seen   uint64 // events so far
	rungAt uint64 // value of seen when the bell was rung
	lonely uint8  // turns in a row with no event after the one that rang
	skips  uint8  // flushes without a bell since the last with one
}

const (
	lonelyTurns = 4  // as many in a row, and events count as alone
	probeEvery  = 32 // flushes without a bell, and the next rings
)

// alone reports whether to flush now rather than ring.
func (p *pace) alone() bool {
	if p.lonely < lonelyTurns {
		return false
	}
	p.skips++
	if p.skips < probeEvery {
		return true
	}
	p.skips = 0
	return false
}

// ring notes that the bell was rung.
func (p *pace) ring() { p.rungAt = p.seen }

// end notes that a turn has ended.
func (p *pace) end() {
	if p.seen-p.rungAt > 0 {
		p.lonely = 0
	} else if p.lonely < lonelyTurns {
		p.lonely++
	}
}
