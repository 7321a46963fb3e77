package herdtest

import (
	"slices"
	"testing"
	"time"

	"proxyherd/herd"
)

func TestBytesAndClientsAreCounted(t *testing.T) {
	alone(t, 0, func(l *herd.Limits) { l.Connections = 2 }, func(t *testing.T, h Twin) {
		const said, answered = "no command\n", "? no command\n"
		for range 2 {
			h.Connect(solo).Send([]byte(said))
		}
		h.Connect(solo) // one too many
		settle(h)
		m := h.Measures(solo)
		want := herd.Traffic{In: 2 * uint64(len(said)), Out: 2 * uint64(len(answered))}
		if m.Connected != 2 || m.Clients != want || m.Links != (herd.Traffic{}) {
			t.Errorf("%d connected, traffic %+v and %+v; want 2, %+v and none", m.Connected, m.Clients, m.Links, want)
		}
		if st := h.Measures(solo).Status; m.Status.Name != solo || m.Status.Counters != st.Counters || m.Status.Connections != 2 {
			t.Errorf("the status in it is %+v, want %+v", m.Status, st)
		}
	})
}

// TestWhatOneEndOfALinkSendsTheOtherGets looks at a herd in which nothing is on
// its way.
func TestWhatOneEndOfALinkSendsTheOtherGets(t *testing.T) {
	for _, mac := range []bool{false, true} {
		quiet(t, func(c *herd.Config) { c.LinkMAC = mac }, func(t *testing.T, h Twin) {
			h.Advance(time.Minute + time.Second) // between heartbeats, and second links are long gone
			sum := func() (sum herd.Traffic) {
				for _, name := range h.Running() {
					links := h.Measures(name).Links
					sum.In, sum.Out = sum.In+links.In, sum.Out+links.Out
				}
				return sum
			}
			before := sum()
			at := say(t, h, "Hill", report(h, "somebody"))
			h.Advance(100 * time.Millisecond)
			after := sum()
			least := 6 * uint64(len(at[0])+1) // an update takes six messages
			if in, out := after.In-before.In, after.Out-before.Out; in != out || out < least {
				t.Errorf("link_mac %v: the servers sent each other %d bytes and got %d, of an update that takes %d", mac, out, in, least)
			}
		})
	}
}

func TestWaitsForTheUpstreamAreMeasured(t *testing.T) {
	const upstream = 30 * time.Millisecond
	alone(t, upstream, func(l *herd.Limits) { l.WaitingWhatsats = 3 }, func(t *testing.T, h Twin) {
		say(t, h, solo, report(h, "a"), "WHATSAT a 1 1", "WHATSAT a 2 1")
		gone := h.Connect(solo)
		gone.Send([]byte("WHATSAT a 3 1\n"))
		settle(h)
		c := h.Connect(solo)
		c.Send([]byte("WHATSAT a 4 1\nWHATSAT a 5 1\nWHATSAT a 6 1\nWHATSAT a 7 1\n"))
		moment(h)
		gone.(Deaf).AbortConnection()
		h.Advance(time.Second)
		m := h.Measures(solo)
		// Two, the one whose client left, which was answered before it did, and three
		// of four: the fourth was too many.
		var total uint64
		for i, n := range m.Answers.Counts {
			total += n
			if fits := herd.AnswerBounds[:]; n > 0 && (i == 0 || i == len(fits) || fits[i-1] >= upstream+time.Millisecond || fits[i] < upstream) {
				t.Errorf("%d answers count for a time up to bound %d", n, i)
			}
		}
		if total != 6 || m.Status.Surplus != 1 || m.Answers.Sum < 6*upstream || m.Answers.Sum > 6*upstream+time.Millisecond {
			t.Errorf("%d answers in %v, and %d refused; want 6 in %v, and 1", total, m.Answers.Sum, m.Status.Surplus, 6*upstream)
		}
		if want := (herd.AnswerStatus{Count: 6, Seconds: m.Answers.Sum.Seconds()}); m.Status.Answers != want {
			t.Errorf("the status has %+v, want %+v", m.Status.Answers, want)
		}
		if !slices.IsSorted(herd.AnswerBounds[:]) {
			t.Errorf("the bounds %v are not in order", herd.AnswerBounds)
		}
	})
}

func TestExchangesAddUp(t *testing.T) {
	quiet(t, nil, func(t *testing.T, h Twin) {
		say(t, h, "Hill", report(h, "before")) // whoever has nothing is sent everything, and not asked
		settle(h)
		// All exchanges that the two ends of a link have counted so far.
		exchanges := func() (sum herd.Exchanges) {
			for _, pair := range [][2]string{{"Hill", "Meeks"}, {"Meeks", "Hill"}} {
				m := h.Measures(pair[0])
				for i, l := range m.Status.Links {
					if e := m.Exchanges[i]; l.Peer == pair[1] {
						sum = herd.Exchanges{Count: sum.Count + e.Count, RoundTrips: sum.RoundTrips + e.RoundTrips,
							Sent: sum.Sent + e.Sent, Received: sum.Received + e.Received, Bytes: sum.Bytes + e.Bytes}
					}
				}
			}
			return sum
		}
		for round := range uint64(3) {
			if before := exchanges(); before.Count != round {
				t.Fatalf("before round %d: %+v", round, before)
			}
			h.Cut("Hill", "Meeks")
			h.Advance(7 * time.Second)
			say(t, h, "Hill", report(h, "a"), report(h, "b"))
			h.Heal("Hill", "Meeks")
			if !h.Wait(h.Linked) {
				t.Fatal("the link did not open again")
			}
			h.Advance(time.Second)
		}
		last := status(t, h, "Hill", "Meeks").Resync
		if last.At.IsZero() {
			last = status(t, h, "Meeks", "Hill").Resync
		}
		if got := exchanges(); got.Count != 3 || got.Sent+got.Received < 6 || got.RoundTrips < 3 || got.Bytes <= uint64(last.Bytes) || last.Bytes == 0 {
			t.Errorf("after three rounds %+v; the last was %+v", got, last)
		}
	})
}
