package reactorherd

import (
	"time"

	"proxyherd/herd"
	"proxyherd/herd/wirelog"
	"proxyherd/reactor"
)

// busyWait is how long a comparison waits for an end that has to send first.
const busyWait = time.Second

// comparing is what a link knows of the difference between its ends' records:
// the comparisons, if we have dialled it, or else what the neighbour tells.
//
// Twin: a callback that comes for a link that is lost finds link nil in the outbox;
// nothing else can change while one runs.
type comparing struct {
	link   *link
	under  *herd.Comparison // under way
	number uint64
	again  bool                // the one under way follows an exchange
	whole  bool                // everything has been sent over this link, one way
	next   reactor.DelayedCall // the next one; it also ends one that hangs

	sync    herd.Sync
	checked time.Time
	differ  int
}

// begin compares at once, and then every now and then.
func (c *comparing) begin() {
	if c.link.info.Role == herd.Dialler {
		c.start()
	}
}

func (c *comparing) end() {
	c.under = nil
	c.unschedule()
}

func (c *comparing) schedule(wait time.Duration) {
	c.unschedule()
	c.next = c.link.server.reactor.CallLater(wait, func() {
		c.next, c.again = nil, false
		c.link.guard(c.start)
	})
}

func (c *comparing) unschedule() {
	if c.next != nil {
		_ = c.next.Cancel() // pending: it clears itself when it runs
		c.next = nil
	}
}

func (c *comparing) start() {
	out := &c.link.outbox
	if out.Lagging() {
		c.under = nil
		c.schedule(busyWait)
		return
	}
	c.number++
	c.under = herd.NewComparison(c.link.server.node.Store(), c.link.terms.Bits, c.number)
	c.under.Piecemeal = c.whole
	c.schedule(herd.CompareEvery)
	c.under.Start(out)
}

// resume goes on after the neighbour has taken what waited for it.
func (c *comparing) resume() {
	if c.under != nil {
		c.settle(c.under.Continue(&c.link.outbox))
	}
}

func (c *comparing) answerReceived(line []byte) error {
	if c.under == nil {
		return nil // to one that was given up
	}
	outcome, err := c.under.Receive(line, &c.link.outbox)
	c.settle(outcome)
	return err
}

// settle does what follows from an answer.
func (c *comparing) settle(outcome herd.Outcome) {
	done := c.under
	if outcome != herd.Comparing {
		c.under = nil
	}
	switch outcome {
	case herd.SendAll:
		c.whole = true
		c.link.outbox.sendAll(c.start)
	case herd.GotAll:
		c.whole = true
		c.start()
	case herd.PutOff:
		c.schedule(busyWait)
	case herd.Compared:
		c.link.write(done.AppendFound(nil))
		c.found(done.Differ())
		if c.differ > 0 {
			c.exchanged(done.Resync())
		}
		// Once more, to know whether that has mended it. What differs even then is
		// not to keep both ends busy all the time.
		switch c.again = c.differ > 0 && !c.again; {
		case c.again:
			c.start()
		case c.differ > 0:
			c.schedule(busyWait)
		}
	}
}

// exchanged takes note of what it took to mend a difference.
func (c *comparing) exchanged(r herd.Resync) {
	s := c.link.server
	r.At = s.reactor.Seconds().Round(0)
	c.link.neighbour.resync = r
	c.link.neighbour.exchanges.Add(r)
	s.event(wirelog.Info, "records exchanged", wirelog.F("peer", c.link.info.Peer), wirelog.F("buckets", c.differ),
		wirelog.F("sent", r.Sent), wirelog.F("received", r.Received), wirelog.F("bytes", r.Bytes), wirelog.F("round_trips", r.RoundTrips))
}

// found takes the result of a comparison, ours or the neighbour's.
func (c *comparing) found(differ int) {
	c.differ, c.checked = differ, c.link.server.reactor.Seconds().Round(0)
	c.sync = herd.InSync
	if differ > 0 {
		c.sync = herd.Behind
	}
}

func (c *comparing) questionReceived(line []byte) error {
	l := c.link
	asked, err := herd.Answer(l.server.node.Store(), l.terms.Bits, line, &l.outbox)
	switch {
	case err != nil:
		return err
	case asked.All:
		l.outbox.sendAll(func() { l.write(herd.AppendAll(nil, asked.Number)) })
	case asked.Found:
		c.found(asked.Differ)
	}
	return nil
}

func (c *comparing) status(st *herd.LinkStatus) {
	if c.checked.IsZero() {
		return
	}
	st.Checked, st.Differ = c.checked, c.differ
	if c.link.server.reactor.Seconds().Sub(c.checked) <= herd.SyncTrust {
		st.Sync = c.sync
	}
}
