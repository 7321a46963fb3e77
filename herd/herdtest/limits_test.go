package herdtest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"proxyherd/herd"
)

// closed is how many connections a server has ended for a reason.
func closed(h Twin, reason string) int64 { return h.Measures(solo).Status.Closed[reason] }

func TestConnectionsFromOneAddressAreBounded(t *testing.T) {
	const most = 2
	alone(t, 0, func(l *herd.Limits) { l.ConnectionsPerAddress = most }, func(t *testing.T, h Twin) {
		come := func(from string) Client {
			c := h.ConnectFrom(from, solo)
			settle(h)
			return c
		}
		var here []Client
		for _, from := range []string{"127.0.0.2", "127.0.0.3"} {
			for i := range 5 {
				c := come(from)
				if refused := i >= most; c.Ended() != refused {
					t.Errorf("connection %d from %s: refused is %v, want %v", i, from, c.Ended(), refused)
				}
				here = append(here, c)
			}
		}
		if n := closed(h, "connections_per_address"); n != 6 {
			t.Errorf("%d refused, want 6", n)
		}
		here[0].End()
		settle(h)
		if come("127.0.0.3"); closed(h, "connections_per_address") != 7 {
			t.Error("who left made room for another address")
		}
		if come("127.0.0.2").Ended() {
			t.Error("who left made no room for its own address")
		}
	})
}

// A machine has a whole network of IPv6 to come from. Of IPv4 it has an address, also
// where that comes in the form of IPv6.
func TestConnectionsFromOneNetworkOfIPv6AreBounded(t *testing.T) {
	const most = 2
	OnBoth(t, Setup{Change: func(c *herd.Config) {
		c.Servers = []herd.Server{{Name: solo, Clients: "[fd00::1]:12000"}}
		c.Limits.ConnectionsPerAddress = most
	}}, func(t *testing.T, h Twin) {
		for i, from := range []string{"fd00:0:0:7::1", "fd00:0:0:7::2", "fd00:0:0:7:ffff::3", "fd00:0:0:8::1", "fd00:0:0:8::1", "fd00:0:0:8::1"} {
			c := h.ConnectFrom(from, solo)
			settle(h)
			if refused := i%3 >= most; c.Ended() != refused {
				t.Errorf("connection %d, from %s: refused is %v, want %v", i, from, c.Ended(), refused)
			}
		}
		if n := closed(h, "connections_per_address"); n != 2 {
			t.Errorf("%d refused, want 2", n)
		}
	})
}

func TestEachEndOfOursIsCounted(t *testing.T) {
	long := strings.Repeat("x", herd.MaxClientLine+2) // too long whatever comes next
	for _, c := range []struct {
		reason string
		change func(*herd.Limits)
		sent   string
		ends   bool // the client
	}{
		{"http", func(*herd.Limits) {}, "GET / HTTP/1.1\r\n", false},
		{"line_too_long", func(*herd.Limits) {}, long, false},
		{"line_too_long", func(*herd.Limits) {}, long + "\n", false},
		{"line_too_long", func(*herd.Limits) {}, long, true},
		{"close_after_reply", func(l *herd.Limits) { l.CloseAfterReply = true }, "x\n", false},
		{"", func(*herd.Limits) {}, "x\nGET / HTTP/1.1\r\n", true}, // not the first line
		{"", func(*herd.Limits) {}, "x\n", true},
	} {
		alone(t, 0, c.change, func(t *testing.T, h Twin) {
			client := h.Connect(solo)
			client.Send([]byte(c.sent))
			if c.ends {
				client.End()
			}
			if !h.Wait(client.Ended) {
				t.Errorf("%.20q: the connection stays", c.sent)
			}
			h.Advance(5 * time.Second)
			got := h.Measures(solo).Status
			if got.Connections != 0 || c.reason == "" && len(got.Closed) != 0 ||
				c.reason != "" && (got.Closed[c.reason] != 1 || len(got.Closed) != 1) {
				t.Errorf("%.20q: %d connections, counted %v, want %q", c.sent, got.Connections, got.Closed, c.reason)
			}
		})
	}
}

// A client that stays after our end is read for a moment more, so that its input
// does not meet a closed connection and the reset take our last line with it.
func TestWhoStaysIsReadForAMomentMore(t *testing.T) {
	for _, c := range []struct {
		what    string
		change  func(*herd.Limits)
		sent    string
		answers int
	}{
		{"after an answer", func(l *herd.Limits) { l.CloseAfterReply = true }, "x\n", 1},
		{"after one that held it", func(l *herd.Limits) { l.CloseAfterReply, l.WaitingWhatsatsPerClient = true, 1 }, "WHATSAT a 10 1\n", 2},
	} {
		alone(t, time.Second, c.change, func(t *testing.T, h Twin) {
			say(t, h, solo, report(h, "a"))
			g := h.Connect(solo)
			g.(Deaf).PauseProducing() // and so does not hear of our end
			g.Send([]byte(c.sent))
			h.Advance(1100 * time.Millisecond)
			if closed(h, "close_after_reply") != 1 || h.Measures(solo).Status.Connections != 1 {
				t.Errorf("%s: the connection did not stay", c.what)
			}
			g.Send(make([]byte, 300_000))
			h.Advance(700 * time.Millisecond)
			if h.Measures(solo).Status.Connections != 1 {
				t.Errorf("%s: the connection did not stay for long", c.what)
			}
			h.Advance(2 * time.Second)
			g.(Deaf).ResumeProducing()
			settle(h)
			// What was sent afterwards has not cost it its answer.
			st := h.Measures(solo).Status
			if n := len(lines(g)); st.Connections != 0 || st.Closed["close_after_reply"] != 2 || n != c.answers {
				t.Errorf("%s: %d connections, counted %v, %d lines of answers", c.what, st.Connections, st.Closed, n)
			}
		})
	}
}

func TestTooManyWaitingWhatsatsAreCounted(t *testing.T) {
	alone(t, time.Minute, func(l *herd.Limits) { l.WaitingWhatsats = 2 }, func(t *testing.T, h Twin) {
		c := h.Connect(solo)
		c.Send([]byte(report(h, "a") + strings.Repeat("\nWHATSAT a 10 1", 5) + "\n"))
		h.Advance(time.Second)
		if n := h.Measures(solo).Status.Surplus; n != 3 {
			t.Errorf("%d refused, want 3", n)
		}
		if st := h.Measures(solo).Status; st.Waiting != 2 {
			t.Errorf("%d wait, want 2", st.Waiting)
		}
		h.Advance(time.Minute)
		got := lines(c)
		if len(got) != 1+2*5 {
			t.Fatalf("%d lines of answers, want 11", len(got))
		}
		for i := range 5 {
			if failed := strings.Contains(got[2+2*i], `"error":`); failed != (i >= 2) {
				t.Errorf("question %d got %.60q", i, got[2+2*i])
			}
		}
	})
}

// The AT lines of WHATSATs are short, so a client may ask for much before it is
// read no further; the answers are long.
func TestAClientThatTakesNoAnswersIsCutOff(t *testing.T) {
	const asked, most = 8, 250_000
	bounded := func(l *herd.Limits) { l.OutputPerClient, l.OutputPerClientMost = 100_000, most }
	question := func(i int) []byte { return fmt.Appendf(nil, "WHATSAT a 10.%d 100\n", i) }

	alone(t, time.Second, bounded, func(t *testing.T, h Twin) {
		c := h.Connect(solo)
		c.Send([]byte(report(h, "a") + "\n"))
		got := 0
		for i := range asked {
			c.Send(question(i))
			h.Advance(2 * time.Second)
			got += len(c.Received())
			c.Take(len(c.Received()))
		}
		// What was taken counts no more: not a lot, and then a little.
		c.Send(append(question(0), question(1)...))
		h.Advance(2 * time.Second)
		c.Send([]byte("WHATSAT a 9 1\n" + strings.Repeat(strings.Repeat("x", 9_000)+"\n", 6)))
		h.Advance(2 * time.Second)
		if got < 2*most {
			t.Errorf("the answers have %d bytes: too few for this test", got)
		}
		if c.Ended() || closed(h, "output_limit") != 0 {
			t.Error("a client that takes its answers was cut off")
		}
	})
	alone(t, time.Second, bounded, func(t *testing.T, h Twin) {
		c := h.Connect(solo)
		c.Send([]byte(report(h, "a") + "\n"))
		settle(h)
		c.(Deaf).PauseProducing()
		for i := range asked {
			c.Send(question(i))
		}
		h.Advance(time.Minute)
		if st := h.Measures(solo).Status; st.Closed["output_limit"] != 1 || st.Connections != 0 || st.Waiting != 0 {
			t.Errorf("a client that takes nothing: counted %v, %d connections, %d WHATSATs wait", st.Closed, st.Connections, st.Waiting)
		}
	})
}

// Behind an answer that is waited for, what waits counts too.
func TestAnswersBehindOneThatIsWaitedForAreBounded(t *testing.T) {
	alone(t, 10*time.Second, func(l *herd.Limits) { l.OutputPerClient, l.OutputPerClientMost = 32768, 32768 }, func(t *testing.T, h Twin) {
		say(t, h, solo, report(h, "a"))
		other, c := h.Connect(solo), h.Connect(solo)
		for i := range 8 {
			other.Send([]byte(fmt.Sprintf("WHATSAT a 10.%d 100\n", i)))
		}
		h.Advance(5 * time.Second)
		c.Send([]byte("WHATSAT a 9 1\n")) // answered last
		for i := range 8 {
			c.Send([]byte(fmt.Sprintf("WHATSAT a 10.%d 100\n", i)))
		}
		h.Advance(6 * time.Second) // by now all others are
		if !c.Ended() || len(c.Received()) != 0 || closed(h, "output_limit") == 0 {
			t.Errorf("the connection has ended: %v, with %d bytes, counted %v", c.Ended(), len(c.Received()), h.Measures(solo).Status.Closed)
		}
	})
}

func TestATurnIsOverWithWhatCameAtOnce(t *testing.T) {
	alone(t, 0, func(l *herd.Limits) { l.CommandsPerTurn = 7 }, func(t *testing.T, h Twin) {
		c := h.Connect(solo)
		for range 20 {
			c.Send([]byte(strings.Repeat("x\n", 5) + "x"))
			settle(h)
		}
		if n := len(lines(c)); n != 100 || h.Measures(solo).Status.Yielded != 0 {
			t.Errorf("%d answers, and %d turns ended early", n, h.Measures(solo).Status.Yielded)
		}
	})
}
