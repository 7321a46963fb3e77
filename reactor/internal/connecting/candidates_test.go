package connecting

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"proxyherd/reactor"
)

// candidates makes an attempt's list.
func candidates(s *stage, literals ...string) *Candidates {
	var addrs []netip.Addr
	for _, literal := range literals {
		addrs = append(addrs, netip.MustParseAddr(literal))
	}
	return s.Candidates(addrs)
}

func TestCandidates(t *testing.T) {
	t.Run("are tried once each, IPv4 first, and else in the order of the answer", func(t *testing.T) {
		s := newStage(t, time.Minute)
		s.connect()
		c := candidates(s, "fd00::2", "10.0.0.2", "fd00::1", "::ffff:10.0.0.2", "10.0.0.1", "fd00::2")
		var got []string
		for addr, found := c.Next(nil); found; addr, found = c.Next(nil) {
			got = append(got, addr.String())
		}
		if order := strings.Join(got, " "); order != "10.0.0.2 10.0.0.1 fd00::2 fd00::1" {
			t.Errorf("the order is %s", order)
		}
		s.wantTimers(1) // the attempt's own
	})
	t.Run("have equal parts of the time that is left", func(t *testing.T) {
		s := newStage(t, 9*time.Second)
		s.connect()
		s.clock.Advance(3 * time.Second) // for the lookup
		c := candidates(s, "10.0.0.1", "10.0.0.2", "10.0.0.3")
		var shares []time.Duration
		began := s.clock.Seconds()
		silent := func(why error) {
			if !errors.Is(why, reactor.ErrTimeout) {
				t.Errorf("the reason is %v", why)
			}
			shares = append(shares, s.clock.Seconds().Sub(began))
		}
		c.Next(silent)
		s.clock.Advance(2 * time.Second)
		began = s.clock.Seconds()
		c.Next(silent)
		s.clock.Advance(time.Second)
		c.Failed(errors.New("refused")) // earlier than it must be, so the last has more
		c.Next(silent)
		s.wantTimers(1) // the last has what the attempt has
		if len(shares) != 1 || shares[0] != 2*time.Second {
			t.Errorf("shares that have passed are %v", shares)
		}
	})
	t.Run("have as much as usual where an attempt has no bound", func(t *testing.T) {
		s := newStage(t, -1)
		s.connect()
		c, passed := candidates(s, "10.0.0.1", "10.0.0.2"), false
		c.Next(func(error) { passed = true })
		s.clock.Advance(usualTimeout/2 - 1)
		if passed {
			t.Error("the share has passed too early")
		}
		s.clock.Advance(1)
		if !passed {
			t.Error("the share has not passed")
		}
	})
	t.Run("are not waited for after the end", func(t *testing.T) {
		s := newStage(t, time.Minute)
		s.connect()
		c := candidates(s, "10.0.0.1", "10.0.0.2")
		c.Next(func(error) { t.Error("somebody still waits") })
		c.End()
		c.End()
		s.wantTimers(1)
		var none *Candidates
		none.End()
	})
	t.Run("say of each why it was not reached", func(t *testing.T) {
		s := newStage(t, time.Minute)
		s.connect()
		refused, unreachable := errors.New("refused"), errors.New("unreachable")
		c := candidates(s, "10.0.0.1", "fd00::1")
		c.Next(nil)
		c.Failed(refused)
		c.Next(nil)
		err := c.Failed(unreachable)
		if err.Error() != "10.0.0.1: refused; fd00::1: unreachable" || !errors.Is(err, refused) || !errors.Is(err, unreachable) {
			t.Errorf("the reason is %q", err)
		}
		alone := candidates(s, "10.0.0.1")
		alone.Next(nil)
		if err := alone.Failed(refused); err != refused {
			t.Errorf("of one that is alone the reason is %q", err)
		}
	})
}
