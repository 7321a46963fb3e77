package herdtest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"proxyherd/herd"
)

func TestTheLongestLine(t *testing.T) {
	start(t, nil, func(t *testing.T, h Twin) {
		const rest = " +1+1 1000000000"
		for _, c := range []struct {
			length int
			end    string
			fits   bool
		}{
			{herd.MaxClientLine, "\n", true}, {herd.MaxClientLine, "\r\n", true}, {herd.MaxClientLine, "", true},
			{herd.MaxClientLine + 1, "\n", false}, {herd.MaxClientLine + 1, "\r\n", false}, {herd.MaxClientLine + 1, "", false},
			{10 * herd.MaxClientLine, "", false},
		} {
			id := strings.Repeat("x", c.length-len("IAMAT ")-len(rest))
			client := h.Connect("Farmar")
			client.Send([]byte("IAMAT " + id + rest + c.end))
			client.End()
			if !h.Wait(client.Ended) {
				t.Errorf("%d bytes and %q: the connection stayed open", c.length, c.end)
			}
			got := lines(client)
			switch {
			case len(got) != 1:
				t.Errorf("%d bytes and %q: %d answers", c.length, c.end, len(got))
			case c.fits && !strings.HasPrefix(got[0], "AT Farmar "):
				t.Errorf("%d bytes and %q: %.60q", c.length, c.end, got[0])
			case !c.fits && got[0] != "? line longer than 16384 bytes":
				t.Errorf("%d bytes and %q: %.60q", c.length, c.end, got[0])
			}
		}
	})
}

func TestAnEndlessLineIsAnsweredOnceAndCut(t *testing.T) {
	start(t, nil, func(t *testing.T, h Twin) {
		c := h.Connect("Farmar")
		// The client never ends and never stops sending.
		for range 100 {
			c.Send(make([]byte, 10_000))
			h.Advance(100 * time.Millisecond)
		}
		if got := lines(c); len(got) != 1 || got[0] != "? line longer than 16384 bytes" || !c.Ended() {
			t.Errorf("answers %.80q, ended: %v", got, c.Ended())
		}
		if n := h.Measures("Farmar").Status.Connections; n != 0 {
			t.Errorf("%d connections are left", n)
		}
	})
}

func TestAClientThatDoesNotReadIsReadNoFurther(t *testing.T) {
	start(t, nil, func(t *testing.T, h Twin) {
		c := h.Connect("Farmar")
		settle(h)
		c.(Deaf).PauseProducing()
		line := strings.Repeat("x", 1000) + "\n"
		sent := 0
		for range 3000 {
			c.Send([]byte(line))
			sent++
		}
		settle(h)
		invalid := h.Measures("Farmar").Status.Counters.Invalid
		if invalid == 0 || invalid > 400 {
			t.Errorf("%d of %d lines were carried out for a client that takes no answers", invalid, sent)
		}
		c.(Deaf).ResumeProducing()
		h.Wait(func() bool { return len(c.Received()) == sent*(len(line)+2) })
		if got := lines(c); len(got) != sent {
			t.Errorf("%d answers in the end, want %d", len(got), sent)
		}
	})
}

func TestWaitingWhatsatsAreBounded(t *testing.T) {
	const most = 4
	asking(t, time.Second, func(c *herd.Config) {
		c.Limits.WaitingWhatsatsPerClient = most
	}, func(t *testing.T, h Twin) {
		c := h.Connect("Farmar")
		c.Send([]byte(report(h, "a") + "\n"))
		for i := range 20 {
			c.Send([]byte(fmt.Sprintf("WHATSAT a 10 %d\nmarker%d\n", i%3, i)))
		}
		c.End()
		worst := 0
		for !c.Ended() {
			h.Advance(100 * time.Millisecond)
			worst = max(worst, h.Measures("Farmar").Status.Waiting)
		}
		if worst != most {
			t.Errorf("%d WHATSATs waited at once, want %d", worst, most)
		}
		got := lines(c)
		if len(got) != 1+3*20 {
			t.Fatalf("%d lines of answers, want 61", len(got))
		}
		for i := range 20 {
			if marker := got[3+3*i]; marker != fmt.Sprintf("? marker%d", i) {
				t.Fatalf("line %d is %q: the answers are out of order", 3+3*i, marker)
			}
		}
	})
}

func TestTooManyWhatsatsInTheServerAreAnsweredAtOnce(t *testing.T) {
	asking(t, time.Minute, func(c *herd.Config) {
		c.Limits.WaitingWhatsats = 1
	}, func(t *testing.T, h Twin) {
		say(t, h, "Farmar", report(h, "a"))
		first := h.Connect("Farmar")
		first.Send([]byte("WHATSAT a 10 1\n"))
		moment := func() { h.Advance(time.Millisecond) }
		moment()
		second := h.Connect("Farmar")
		second.Send([]byte("WHATSAT a 10 1\n"))
		moment()
		if got := lines(second); len(got) != 2 || !strings.HasPrefix(got[0], "AT ") || !strings.HasPrefix(got[1], `{"error":`) {
			t.Errorf("the second question got %q", got)
		}
		if len(lines(first)) != 0 {
			t.Error("the first question was answered before its time")
		}
	})
}

func TestACommandTakesEffectWhileAWhatsatWaits(t *testing.T) {
	asking(t, time.Minute, nil, func(t *testing.T, h Twin) {
		c := h.Connect("Farmar")
		c.Send([]byte(report(h, "a") + "\nWHATSAT a 10 1\n" + report(h, "b") + "\n"))
		h.Advance(time.Second)
		if n := len(lines(c)); n != 1 {
			t.Errorf("%d answers before the upstream's, want 1", n)
		}
		if n := h.Measures("Hill").Status.Records; n != 2 {
			t.Errorf("Hill knows %d clients while the WHATSAT waits, want 2", n)
		}
		h.Advance(time.Minute)
		if got := lines(c); len(got) != 3 || !strings.Contains(got[2], " b ") {
			t.Errorf("then came %q", got)
		}
	})
}

func TestAClientThatLeavesCancelsItsQuestion(t *testing.T) {
	asking(t, time.Minute, nil, func(t *testing.T, h Twin) {
		c := h.Connect("Farmar")
		c.Send([]byte(report(h, "a") + "\nWHATSAT a 10 1\n"))
		h.Advance(time.Second)
		if n := h.Measures("Farmar").Status.Waiting; n != 1 {
			t.Fatalf("%d WHATSATs wait, want 1", n)
		}
		c.(Deaf).AbortConnection()
		h.Advance(time.Second)
		if st := h.Measures("Farmar").Status; st.Waiting != 0 || st.Connections != 0 || st.Closed["panic"] != 0 {
			t.Errorf("%d WHATSATs wait and %d clients are connected after the client left, counted %v", st.Waiting, st.Connections, st.Closed)
		}
		h.Advance(2 * time.Minute) // the late result finds nobody
	})
}

func TestConnectionsAreBounded(t *testing.T) {
	start(t, func(c *herd.Config) { c.Limits.Connections = 3 }, func(t *testing.T, h Twin) {
		var clients []Client
		for range 5 {
			clients = append(clients, h.Connect("Hill"))
		}
		settle(h)
		if st := h.Measures("Hill").Status; st.Connections != 3 || st.Closed["connections"] != 2 {
			t.Errorf("%d connected and %d refused, want 3 and 2", st.Connections, st.Closed["connections"])
		}
		clients[0].End()
		settle(h)
		if got := say(t, h, "Hill", report(h, "a")); len(got) != 1 || !strings.HasPrefix(got[0], "AT Hill ") {
			t.Errorf("after one has left: %q", got)
		}
	})
}

func TestCloseAfterReply(t *testing.T) {
	start(t, func(c *herd.Config) { c.Limits.CloseAfterReply = true }, func(t *testing.T, h Twin) {
		c := h.Connect("Hill")
		c.Send([]byte(report(h, "a") + "\n" + report(h, "b") + "\n"))
		if !h.Wait(c.Ended) || len(lines(c)) != 1 {
			t.Error("the connection was not closed after the first answer")
		}
		c = h.Connect("Hill")
		c.Send([]byte("WHATSAT a 10 1\n"))
		if !h.Wait(c.Ended) || len(lines(c)) != 2 {
			t.Error("the connection was not closed after a WHATSAT's two lines")
		}
	})
}

func TestStopAnswersWhatWaits(t *testing.T) {
	asking(t, 3*time.Second, nil, func(t *testing.T, h Twin) {
		asking, idle := h.Connect("Farmar"), h.Connect("Farmar")
		asking.Send([]byte(report(h, "a") + "\nWHATSAT a 10 1\n"))
		h.Advance(time.Second)
		h.Stop("Farmar")
		h.Advance(time.Second)
		if !idle.Ended() || asking.Ended() {
			t.Errorf("a second after the stop: idle client ended %v, asking client ended %v", idle.Ended(), asking.Ended())
		}
		h.Advance(2 * time.Second)
		if got := lines(asking); len(got) != 3 || !asking.Ended() {
			t.Errorf("the asking client got %d lines, ended: %v", len(got), asking.Ended())
		}
		h.Advance(time.Second)
		if l := status(t, h, "Meeks", "Farmar"); l.Up {
			t.Error("Meeks still has its link to Farmar")
		}
		h.Start("Farmar") // the ports are free again
		if !h.Wait(h.Linked) {
			t.Error("Farmar did not come back")
		}
	})
}

func TestEqualQuestionsAreAskedOnce(t *testing.T) {
	asking(t, time.Second, nil, func(t *testing.T, h Twin) {
		say(t, h, "Farmar", report(h, "a"))
		before := h.Asked()
		var clients []Client
		for range 100 {
			c := h.Connect("Farmar")
			c.Send([]byte("WHATSAT a 10 2\n"))
			clients = append(clients, c)
		}
		h.Advance(100 * time.Millisecond)
		clients[0].(Deaf).AbortConnection() // whoever asked first may leave
		h.Advance(2 * time.Second)
		for i, c := range clients[1:] {
			if got := lines(c); len(got) != 2 {
				t.Errorf("client %d got %q", i+1, got)
			}
		}
		if st := h.Measures("Farmar").Status; h.Asked() != before+1 || st.Shared != 99 || st.Waiting != 0 {
			t.Errorf("%d requests, %d shared, %d still wait; want 1, 99 and 0", h.Asked()-before, st.Shared, st.Waiting)
		}
		// A later question is a new one.
		c := h.Connect("Farmar")
		c.Send([]byte("WHATSAT a 10 2\n"))
		h.Advance(2 * time.Second)
		if len(lines(c)) != 2 || h.Asked() != before+2 {
			t.Errorf("%d requests in the end, want 2", h.Asked()-before)
		}
	})
}
