package herdtest

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"proxyherd/herd"
)

// again starts a server anew with a sink that is its archive too.
func again(h Twin, server string) *Sink {
	s := &Sink{}
	h.Kill(server)
	h.SinkOf(server, s)
	h.ArchiveOf(server, s)
	h.Start(server)
	settle(h)
	return s
}

// A sink is given what the store takes, from clients and neighbours alike, and nothing
// else.
func TestTheSinkGetsWhatTheStoreTakes(t *testing.T) {
	quiet(t, nil, func(t *testing.T, h Twin) {
		sink := again(h, "Hill")
		say(t, h, "Hill", report(h, "own"))
		own := say(t, h, "Hill", "WHATSAT own 1 1")[0]
		settle(h)
		say(t, h, "Young", report(h, "other"))
		settle(h)
		say(t, h, "Hill", "IAMAT own +1+1 1", "IAMAT own +91+1 2", "WHERE")
		settle(h)
		got := sink.Lines()
		if len(got) != 2 || got[0] != own+"\n" || !strings.HasPrefix(got[1], "AT Young ") || !strings.Contains(got[1], " other ") {
			t.Errorf("the sink was given %q", got)
		}
	})
}

// What a sink loads is taken by the rule for all reports, and passed on.
func TestWhatIsTakenReplacesNothingNewer(t *testing.T) {
	quiet(t, nil, func(t *testing.T, h Twin) {
		say(t, h, "Young", report(h, "both"))
		settle(h)
		kept := say(t, h, "Hill", "WHATSAT both 1 1")[0]
		err := h.Take("Hill", []byte("AT Gone +0.000000000 both +1+1 5\nno AT line\nAT Gone +0.000000000 old +1+1 5\n"))
		if err != nil {
			t.Error(err)
		}
		settle(h)
		for _, server := range h.Running() {
			if got := say(t, h, server, "WHATSAT both 1 1")[0]; got != kept {
				t.Errorf("%s has %q, want %q", server, got, kept)
			}
			if got := say(t, h, server, "WHATSAT old 1 1")[0]; got != "AT Gone +0.000000000 old +1+1 5" {
				t.Errorf("%s has %q", server, got)
			}
		}
		if c := h.Measures("Hill").Status.Counters; c.PeerDropped != 1 {
			t.Errorf("it has counted %+v", c)
		}
	})
}

func TestAServerTakesNoMoreThanItMayHold(t *testing.T) {
	start(t, func(c *herd.Config) { c.Limits.Records = 1 }, func(t *testing.T, h Twin) {
		lines := "AT Gone +0.000000000 a +1+1 5\nAT Gone +0.000000000 b +1+1 5\nAT Gone +0.000000000 c +1+1 5\n"
		if err := h.Take("Hill", []byte(lines)); !errors.Is(err, herd.ErrStoreFull) {
			t.Errorf("it was told %v", err)
		}
		if n := h.Measures("Hill").Status.Records; n != 2 {
			t.Errorf("it has %d records, want twice one", n)
		}
	})
}

const cold = "AT Gone +0.500000000 cold +34.0-118.4 1000"

// A WHATSAT for a client that only the archive knows is answered in its turn, and from
// then on the whole herd knows that client.
func TestAColdQuestionIsAnswered(t *testing.T) {
	asking(t, 100*time.Millisecond, nil, func(t *testing.T, h Twin) {
		sink := again(h, "Hill")
		sink.Know("cold", cold)
		c := h.Connect("Hill")
		c.Send([]byte("WHERE\nWHATSAT cold 10 1\nWHATSAT nobody 10 1\n" + report(h, "warm") + "\nWHATSAT warm 10 1\nWHERE\n"))
		moment(h)
		if got := lines(c); !slices.Equal(got, []string{"? WHERE"}) {
			t.Errorf("at once the client was told %q", got)
		}
		if n := h.Measures("Hill").Status.Waiting; n < 2 {
			t.Errorf("%d WHATSATs wait", n) // the one for nobody as long as the archive takes
		}
		settle(h)
		got := lines(c)
		want := []string{cold, "{", "? WHATSAT nobody 10 1", "AT Hill ", "AT Hill ", "{", "? WHERE"}
		same := len(got) == len(want)
		for i := 0; same && i < len(want); i++ {
			same = strings.HasPrefix(got[i], want[i])
		}
		if !same {
			t.Errorf("the client was told %q, want %q", got, want)
		}
		for _, server := range h.Running() {
			if got := say(t, h, server, "WHATSAT cold 10 1"); len(got) != 2 || got[0] != cold {
				t.Errorf("%s answers %q", server, got)
			}
		}
		if n := sink.Asked(); n != 2 {
			t.Errorf("the archive was asked %d times, want once for each client", n)
		}
		// A server without an archive answers as it always did.
		if got := say(t, h, "Young", "WHATSAT nobody 10 1"); !slices.Equal(got, []string{"? WHATSAT nobody 10 1"}) {
			t.Errorf("Young answers %q", got)
		}
		m := h.Measures("Hill").Status
		if m.Waiting != 0 || m.Counters.WHATSAT != 3 || m.Counters.Invalid != 3 {
			t.Errorf("%d wait, and it has counted %+v", m.Waiting, m.Counters)
		}
	})
}

// An archive that fails makes a client unknown, and no question late.
func TestAnArchiveThatFailsIsNoAnswer(t *testing.T) {
	start(t, nil, func(t *testing.T, h Twin) {
		sink := again(h, "Hill")
		sink.Know("cold", cold)
		sink.Fail(errors.New("the disk is on fire"))
		if got := say(t, h, "Hill", "WHATSAT cold 10 1", "WHERE"); !slices.Equal(got, []string{"? WHATSAT cold 10 1", "? WHERE"}) {
			t.Errorf("it answers %q", got)
		}
		sink.Fail(nil)
		if got := say(t, h, "Hill", "WHATSAT cold 10 1"); len(got) != 2 || got[0] != cold {
			t.Errorf("it answers %q", got)
		}
	})
}

// Those who ask for unknown clients count among those that wait, and as little as the
// others do they wait beyond the bound, or after they have gone.
func TestColdQuestionsAreBounded(t *testing.T) {
	asking(t, 100*time.Millisecond, func(c *herd.Config) { c.Limits.WaitingWhatsats = 2 }, func(t *testing.T, h Twin) {
		sink := again(h, "Hill")
		sink.Know("cold", cold)
		c := h.Connect("Hill")
		c.Send([]byte("WHATSAT cold 10 1\nWHATSAT nobody 10 1\nWHATSAT third 10 1\n"))
		moment(h)
		settle(h)
		if got := lines(c); len(got) != 4 || got[0] != cold || got[2] != "? WHATSAT nobody 10 1" || got[3] != "? WHATSAT third 10 1" {
			t.Errorf("the client was told %q", got)
		}
		if m := h.Measures("Hill").Status; sink.Asked() != 2 || m.Surplus != 1 || m.Waiting != 0 {
			t.Errorf("the archive was asked %d times, %d were too many, %d wait", sink.Asked(), m.Surplus, m.Waiting)
		}
		gone := h.Connect("Hill")
		gone.Send([]byte("WHATSAT second 10 1\n"))
		moment(h)
		gone.(Deaf).AbortConnection()
		settle(h)
		if n := h.Measures("Hill").Status.Waiting; n != 0 {
			t.Errorf("%d wait for somebody who has gone", n)
		}
	})
}
