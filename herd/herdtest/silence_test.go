package herdtest

import (
	"strings"
	"testing"
	"time"

	"proxyherd/herd"
)

// impatient are limits of a few seconds.
func impatient(l *herd.Limits) {
	l.FirstByte, l.PartialLine, l.Idle = herd.Duration(10*time.Second), herd.Duration(5*time.Second), herd.Duration(20*time.Second)
}

// sweep is how much later than at its deadline a client may be ended: on a reactor
// they are looked at together.
const sweep = time.Second

// endsAt waits for a client's end, which must come at a time, counted in seconds
// since start, or at most one sweep later.
func endsAt(t *testing.T, h Twin, c Client, start time.Time, seconds int, reason string) {
	t.Helper()
	due := start.Add(time.Duration(seconds) * time.Second)
	h.Advance(due.Sub(h.Now()) - time.Millisecond)
	if c.Ended() || closed(h, reason) != 0 {
		t.Errorf("closed before %d s, counted %v", seconds, h.Measures(solo).Status.Closed)
	}
	h.Advance(sweep + 2*time.Millisecond)
	if !c.Ended() || closed(h, reason) != 1 {
		t.Errorf("after %d s: closed is %v, counted %v, want %s", seconds, c.Ended(), h.Measures(solo).Status.Closed, reason)
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
			alone(t, 0, impatient, func(t *testing.T, h Twin) {
				start, client := h.Now(), h.Connect(solo)
				for _, s := range c.said {
					h.Advance(start.Add(time.Duration(s.at) * time.Second).Sub(h.Now()))
					client.Send([]byte(s.text))
				}
				endsAt(t, h, client, start, c.ends, c.reason)
				if n := len(h.Measures(solo).Status.Closed); n != 1 {
					t.Errorf("counted for %d reasons, want 1", n)
				}
			})
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
		alone(t, 0, c.change, func(t *testing.T, h Twin) {
			client := h.Connect(solo)
			client.Send([]byte(c.said))
			h.Advance(100 * time.Hour)
			if st := h.Measures(solo).Status; client.Ended() || st.Connections != 1 || len(st.Closed) != 0 {
				t.Errorf("%q: %d connections, counted %v", c.said, st.Connections, st.Closed)
			}
		})
	}
	// Without its own limit, an unfinished line is silence like any other: from
	// its last byte on.
	alone(t, 0, func(l *herd.Limits) { impatient(l); l.PartialLine = 0 }, func(t *testing.T, h Twin) {
		start, client := h.Now(), h.Connect(solo)
		client.Send([]byte("x"))
		h.Advance(15 * time.Second)
		client.Send([]byte("y"))
		endsAt(t, h, client, start, 35, "idle")
	})
}

func TestNobodyIsIdleWhoWaitsForAnAnswer(t *testing.T) {
	alone(t, time.Minute, impatient, func(t *testing.T, h Twin) {
		start, client := h.Now(), h.Connect(solo)
		client.Send([]byte(report(h, "a") + "\nWHATSAT a 10 1\n"))
		endsAt(t, h, client, start, 60+20, "idle")
		if n := len(lines(client)); n != 3 {
			t.Errorf("%d lines of answers, want 3", n)
		}
	})
}

func TestNobodyIsIdleWhoseOutputWaits(t *testing.T) {
	alone(t, 0, impatient, func(t *testing.T, h Twin) {
		client := h.Connect(solo)
		settle(h)
		client.(Deaf).PauseProducing()
		client.Send([]byte(strings.Repeat(strings.Repeat("x", 1000)+"\n", 200) + "unfinished"))
		h.Advance(10 * time.Minute)
		if st := h.Measures(solo).Status; st.Connections != 1 || len(st.Closed) != 0 {
			t.Fatalf("%d connections, counted %v", st.Connections, st.Closed)
		}
		// From here on it is heard again.
		client.(Deaf).ResumeProducing()
		endsAt(t, h, client, h.Now(), 5, "partial_line")
		if n := len(lines(client)); n != 200 {
			t.Errorf("%d answers, want 200", n)
		}
	})
}

func TestALineThatWeDoNotReadTakesNoTime(t *testing.T) {
	alone(t, time.Minute, func(l *herd.Limits) { impatient(l); l.WaitingWhatsatsPerClient = 1 }, func(t *testing.T, h Twin) {
		start, client := h.Now(), h.Connect(solo)
		client.Send([]byte(report(h, "a") + "\nWHATSAT a 10 1\nIAM"))
		endsAt(t, h, client, start, 60+5, "partial_line")
		if n := len(lines(client)); n != 3 {
			t.Errorf("%d lines of answers, want 3", n)
		}
	})
}

func TestWhoIsClosedStillGetsTheAnswersThatWait(t *testing.T) {
	alone(t, time.Minute, impatient, func(t *testing.T, h Twin) {
		client := h.Connect(solo)
		client.Send([]byte(report(h, "a") + "\nWHATSAT a 10 1\nIAM"))
		h.Advance(10 * time.Second)
		client.Send([]byte("AT a +1+1 1\n")) // too late: it is not read any more
		h.Advance(49 * time.Second)
		if client.Ended() {
			t.Error("closed before the answer that waits")
		}
		h.Advance(2 * time.Second)
		if n := len(lines(client)); n != 3 || !client.Ended() || closed(h, "partial_line") != 1 {
			t.Errorf("%d lines of answers, want 3; closed is %v, counted %v", n, client.Ended(), h.Measures(solo).Status.Closed)
		}
	})
}

// Many clients are swept in several turns, and those who come, speak and go
// meanwhile are not lost count of.
func TestManyClientsAreWatchedTogether(t *testing.T) {
	const crowd = 2000
	alone(t, 0, impatient, func(t *testing.T, h Twin) {
		var silent, speaking, leaving []Client
		for i := range crowd {
			c := h.Connect(solo)
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
			h.Advance(time.Second)
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
		if st := h.Measures(solo).Status; st.Connections != len(speaking) || st.Closed["first_byte"] < int64(len(silent)) || st.Closed["idle"] != 0 {
			t.Errorf("%d connections, %d silent and %d speaking clients, counted %v", st.Connections, len(silent), len(speaking), st.Closed)
		}
	})
}
