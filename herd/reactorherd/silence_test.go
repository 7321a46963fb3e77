package reactorherd_test

import (
	"strings"
	"testing"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/herdtest"
	"proxyherd/herd/reactorherd"
	"proxyherd/reactor"
	"proxyherd/reactor/reactortest"
)

// impatient are limits of a few seconds.
func impatient(l *herd.Limits) {
	l.FirstByte, l.PartialLine, l.Idle = herd.Duration(10*time.Second), herd.Duration(5*time.Second), herd.Duration(20*time.Second)
}

// endsAt waits for a client's end, which must come at a time, counted in seconds
// since start, or at most one sweep later.
func endsAt(t *testing.T, v *herdtest.Virtual, c herdtest.Client, start time.Time, seconds int, reason string) {
	t.Helper()
	due := start.Add(time.Duration(seconds) * time.Second)
	v.Network.Advance(due.Sub(v.Network.Seconds()) - time.Millisecond)
	if c.Ended() || closed(v, reason) != 0 {
		t.Errorf("closed before %d s, counted %v", seconds, v.Servers[solo].Status().Closed)
	}
	v.Network.Advance(reactorherd.SweepPause + 2*time.Millisecond)
	if !c.Ended() || closed(v, reason) != 1 {
		t.Errorf("after %d s: closed is %v, counted %v, want %s", seconds, c.Ended(), v.Servers[solo].Status().Closed, reason)
	}
}

func TestSilenceIsBounded(t *testing.T) {
	type said struct {
		at   int
		text string
	}
	for _, c := range []struct {
		what   string
		said   []said
		ends   int
		reason string
	}{
		{"nothing at all", nil, 10, "first_byte"},
		{"a line that never ends", []said{{3, "IAM"}}, 8, "partial_line"},
		{"a line that trickles in", []said{{1, "I"}, {2, "A"}, {3, "M"}, {4, "A"}, {5, "T"}}, 6, "partial_line"},
		{"a line, and the beginning of one", []said{{2, "x\ny"}}, 7, "partial_line"},
		{"the end of a line, and the beginning of one", []said{{2, "x"}, {6, "\ny"}}, 11, "partial_line"},
		{"the beginning of a line after a silence", []said{{2, "x\n"}, {15, "y"}}, 20, "partial_line"},
		{"slow lines", []said{{1, "x"}, {5, "\n"}, {6, "x"}, {10, "\n"}, {11, "x"}, {15, "\n"}}, 35, "idle"},
		{"one line", []said{{2, "x\n"}}, 22, "idle"},
		{"a line now and then", []said{{2, "x\n"}, {21, "x\n"}, {40, "x\n"}}, 60, "idle"},
	} {
		t.Run(c.what, func(t *testing.T) {
			v := alone(t, 0, impatient)
			start, client := v.Network.Seconds(), v.Connect(solo)
			for _, s := range c.said {
				v.Network.Advance(start.Add(time.Duration(s.at) * time.Second).Sub(v.Network.Seconds()))
				client.Send([]byte(s.text))
			}
			endsAt(t, v, client, start, c.ends, c.reason)
			if n := len(v.Servers[solo].Status().Closed); n != 1 {
				t.Errorf("counted for %d reasons, want 1", n)
			}
		})
	}
}

func TestWithoutALimitSilenceIsNotBounded(t *testing.T) {
	for _, c := range []struct {
		said   string
		change func(*herd.Limits)
	}{
		{"", func(l *herd.Limits) { impatient(l); l.FirstByte = 0 }},
		{"x\n", func(l *herd.Limits) { impatient(l); l.Idle = 0 }},
		{"x", func(l *herd.Limits) { impatient(l); l.Idle, l.PartialLine = 0, 0 }},
	} {
		v := alone(t, 0, c.change)
		client := v.Connect(solo)
		client.Send([]byte(c.said))
		v.Network.Advance(100 * time.Hour)
		if st := v.Servers[solo].Status(); client.Ended() || st.Connections != 1 || len(st.Closed) != 0 {
			t.Errorf("%q: %d connections, counted %v", c.said, st.Connections, st.Closed)
		}
	}
	// Without its own limit, an unfinished line is silence like any other: from
	// its last byte on.
	v := alone(t, 0, func(l *herd.Limits) { impatient(l); l.PartialLine = 0 })
	start, client := v.Network.Seconds(), v.Connect(solo)
	client.Send([]byte("x"))
	v.Network.Advance(15 * time.Second)
	client.Send([]byte("y"))
	endsAt(t, v, client, start, 35, "idle")
}

func TestNobodyIsIdleWhoWaitsForAnAnswer(t *testing.T) {
	v := alone(t, time.Minute, impatient)
	start, client := v.Network.Seconds(), v.Connect(solo)
	client.Send([]byte(report(v, "a") + "\nWHATSAT a 10 1\n"))
	endsAt(t, v, client, start, 60+20, "idle")
	if n := len(lines(client)); n != 3 {
		t.Errorf("%d lines of answers, want 3", n)
	}
}

func TestNobodyIsIdleWhoseOutputWaits(t *testing.T) {
	v := alone(t, 0, impatient)
	client := v.Connect(solo)
	settle(v)
	client.(reactor.PushProducer).PauseProducing()
	client.Send([]byte(strings.Repeat(strings.Repeat("x", 1000)+"\n", 200) + "unfinished"))
	v.Network.Advance(10 * time.Minute)
	if st := v.Servers[solo].Status(); st.Connections != 1 || len(st.Closed) != 0 {
		t.Fatalf("%d connections, counted %v", st.Connections, st.Closed)
	}
	// From here on it is heard again.
	client.(reactor.PushProducer).ResumeProducing()
	endsAt(t, v, client, v.Network.Seconds(), 5, "partial_line")
	if n := len(lines(client)); n != 200 {
		t.Errorf("%d answers, want 200", n)
	}
}

func TestALineThatWeDoNotReadTakesNoTime(t *testing.T) {
	v := alone(t, time.Minute, func(l *herd.Limits) { impatient(l); l.WaitingWhatsatsPerClient = 1 })
	start, client := v.Network.Seconds(), v.Connect(solo)
	client.Send([]byte(report(v, "a") + "\nWHATSAT a 10 1\nIAM"))
	endsAt(t, v, client, start, 60+5, "partial_line")
	if n := len(lines(client)); n != 3 {
		t.Errorf("%d lines of answers, want 3", n)
	}
}

func TestWhoIsClosedStillGetsTheAnswersThatWait(t *testing.T) {
	v := alone(t, time.Minute, impatient)
	client := v.Connect(solo)
	client.Send([]byte(report(v, "a") + "\nWHATSAT a 10 1\nIAM"))
	v.Network.Advance(10 * time.Second)
	client.Send([]byte("AT a +1+1 1\n")) // too late: it is not read any more
	v.Network.Advance(49 * time.Second)
	if client.Ended() {
		t.Error("closed before the answer that waits")
	}
	v.Network.Advance(2 * time.Second)
	if n := len(lines(client)); n != 3 || !client.Ended() || closed(v, "partial_line") != 1 {
		t.Errorf("%d lines of answers, want 3; closed is %v, counted %v", n, client.Ended(), v.Servers[solo].Status().Closed)
	}
}

// Many clients are swept in several turns, and those who come, speak and go
// meanwhile are not lost count of.
func TestManyClientsAreWatchedTogether(t *testing.T) {
	const crowd = 2000
	v := alone(t, 0, impatient)
	var silent, speaking, leaving []herdtest.Client
	for i := range crowd {
		c := v.Connect(solo)
		switch i % 3 {
		case 0:
			silent = append(silent, c)
		case 1:
			speaking = append(speaking, c)
		default:
			leaving = append(leaving, c)
		}
	}
	for second := range 60 {
		for i, c := range speaking {
			if (i+second)%7 == 0 {
				c.Send([]byte("x\n"))
			}
		}
		for range len(leaving) / 10 {
			leaving[0].End()
			leaving = leaving[1:]
		}
		v.Network.Advance(time.Second)
	}
	for _, c := range silent {
		if !c.Ended() {
			t.Fatal("a silent client is still there")
		}
	}
	for _, c := range speaking {
		if c.Ended() {
			t.Fatal("a client that speaks is gone")
		}
	}
	if st := v.Servers[solo].Status(); st.Connections != len(speaking) || st.Closed["first_byte"] < int64(len(silent)) || st.Closed["idle"] != 0 {
		t.Errorf("%d connections, %d silent and %d speaking clients, counted %v", st.Connections, len(silent), len(speaking), st.Closed)
	}
}

// timers counts the calls that a server has asked its reactor for.
type timers struct {
	reactor.Reactor
	made int
}

func (r *timers) CallLater(delay time.Duration, f func()) reactor.DelayedCall {
	r.made++
	return r.Reactor.CallLater(delay, f)
}

func TestIdleClientsCostNoTimers(t *testing.T) {
	const crowd = 1200 // three turns for a sweep
	seen := &timers{}
	v := herdtest.NewVirtualAround(t, reactortest.Options{}, func(c *herd.Config) {
		c.Servers = []herd.Server{{Name: solo, Clients: "127.0.0.1:12000"}}
	}, func(_ string, r reactor.Reactor) reactor.Reactor { seen.Reactor = r; return seen })
	v.Network.Advance(24 * time.Hour)
	if seen.made != 0 {
		t.Errorf("a server without clients asked for %d calls", seen.made)
	}
	var clients []herdtest.Client
	for range crowd {
		clients = append(clients, v.Connect(solo))
	}
	if pending := len(seen.GetDelayedCalls()); pending != 1 {
		t.Errorf("%d calls are pending for %d clients, want 1", pending, crowd)
	}
	for range 10 {
		v.Network.Advance(5 * time.Second)
		for _, c := range clients {
			c.Send([]byte("x\n"))
		}
	}
	v.Network.Advance(59 * time.Minute)
	// One sweep, for the first byte, that finds that all have an hour from now.
	if pending := len(seen.GetDelayedCalls()); pending != 1 || seen.made > 4 {
		t.Errorf("%d calls are pending, and %d were made in an hour", pending, seen.made)
	}
	v.Network.Advance(2 * time.Minute)
	if n := closed(v, "idle"); n != crowd {
		t.Errorf("%d of %d were closed in the end", n, crowd)
	}
	// The last look finds nobody, and is the last.
	v.Network.Advance(24 * time.Hour)
	if pending := len(seen.GetDelayedCalls()); pending != 0 {
		t.Errorf("%d calls are pending for nobody", pending)
	}
}
