package connecting

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	"proxyherd/reactor"
)

// Candidates are the addresses of a host in the order in which one attempt tries
// them: the next when one fails, or is silent for its share of the attempt's time.
// Twisted knows one address of a name (twisted/internet/tcp.py:404 resolveAddress).
type Candidates struct {
	connector *Connector
	left      []netip.Addr
	several   bool
	trying    netip.Addr
	why       error               // what the others failed with
	late      reactor.DelayedCall // nil: the one that is tried has no share
}

// Candidates makes the list of an attempt, each address once: IPv4 first, as Twisted
// asks for no other, and of a kind in the resolver's order. addrs has one at least.
func (c *Connector) Candidates(addrs []netip.Addr) *Candidates {
	list := make([]netip.Addr, 0, len(addrs))
	for _, addr := range addrs {
		if addr = addr.Unmap(); !slices.Contains(list, addr) {
			list = append(list, addr)
		}
	}
	slices.SortStableFunc(list, func(a, b netip.Addr) int { return a.BitLen() - b.BitLen() })
	return &Candidates{connector: c, left: list, several: len(list) > 1}
}

// Next is the address to try now; false when none is left. silent is called if it has
// not been reached within its share, an equal part of the time that the attempt has
// left; the last has all of that.
func (c *Candidates) Next(silent func(why error)) (addr netip.Addr, found bool) {
	c.End()
	if len(c.left) == 0 {
		return netip.Addr{}, false
	}
	share := c.connector.timeLeft() / time.Duration(len(c.left))
	c.trying, c.left = c.left[0], c.left[1:]
	if len(c.left) > 0 {
		c.late = c.connector.clock.CallLater(share, func() {
			c.late = nil
			silent(fmt.Errorf("%w: no answer within %v", reactor.ErrTimeout, share))
		})
	}
	return c.trying, true
}

// Failed takes why the address that is tried was not reached, and returns what is to
// be said if no other is: all reasons, each with its address where there are several.
func (c *Candidates) Failed(why error) error {
	if c.several {
		why = fmt.Errorf("%v: %w", c.trying, why)
	}
	if c.why != nil {
		why = fmt.Errorf("%w; %w", c.why, why)
	}
	c.why = why
	return why
}

// End says that nobody waits for an answer any more. It may be called again, and on nil.
func (c *Candidates) End() {
	if c != nil && c.late != nil {
		_ = c.late.Cancel() // it is pending: it clears itself when it runs
		c.late = nil
	}
}

// timeLeft is how much time the attempt under way has; without a bound as much as an
// attempt usually has.
func (c *Connector) timeLeft() time.Duration {
	if c.giveUp == nil {
		return usualTimeout
	}
	return max(c.giveUp.GetTime().Sub(c.clock.Seconds()), 0)
}
