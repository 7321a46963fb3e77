package goroutineherd_test

import (
	"bufio"
	"context"
	"fmt"
	"maps"
	"net"
	"strings"
	"testing"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/herdtest"
)

// silentClient connects a client that reads only what a test has it read.
func silentClient(t *testing.T, b *herdtest.Bubble, server string) net.Conn {
	t.Helper()
	member, _ := b.Config.Server(server)
	conn, err := b.Network.Host("clients").Dial(context.Background(), member.Clients)
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

func TestTheLongestLine(t *testing.T) {
	start(t, nil, func(t *testing.T, b *herdtest.Bubble) {
		const rest = " +1+1 1000000000"
		for _, c := range []struct {
			length int
			end    string
			fits   bool
		}{
			{herd.MaxClientLine, "\n", true}, {herd.MaxClientLine, "\r\n", true}, {herd.MaxClientLine, "", true},
			{herd.MaxClientLine + 1, "\n", false}, {herd.MaxClientLine + 1, "\r\n", false}, {herd.MaxClientLine + 1, "", false},
			{3 * herd.MaxClientLine, "", false},
		} {
			id := strings.Repeat("x", c.length-len("IAMAT ")-len(rest))
			client := b.Connect("Farmar")
			client.Send([]byte("IAMAT " + id + rest + c.end))
			client.End()
			if !b.Wait(client.Ended) {
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
	start(t, nil, func(t *testing.T, b *herdtest.Bubble) {
		c := b.Connect("Farmar")
		// The client never ends and never stops sending.
		for range 100 {
			c.Send(make([]byte, 10_000))
			b.Advance(100 * time.Millisecond)
		}
		if got := lines(c); len(got) != 1 || got[0] != "? line longer than 16384 bytes" || !c.Ended() {
			t.Errorf("answers %.80q, ended: %v", got, c.Ended())
		}
		if st := b.Servers["Farmar"].Status(); st.Connections != 0 || st.Closed["line_too_long"] != 1 {
			t.Errorf("%d connections are left, counted %v", st.Connections, st.Closed)
		}
	})
}

func TestAClientThatDoesNotReadIsReadNoFurther(t *testing.T) {
	start(t, nil, func(t *testing.T, b *herdtest.Bubble) {
		conn := silentClient(t, b, "Farmar")
		defer conn.Close()
		const sent = 3000
		line := strings.Repeat("x", 1000) + "\n"
		go func() {
			for range sent {
				if _, err := conn.Write([]byte(line)); err != nil {
					return
				}
			}
		}()
		settle(b)
		invalid := b.Servers["Farmar"].Status().Counters.Invalid
		if invalid == 0 || invalid > 400 {
			t.Errorf("%d of %d lines were carried out for a client that takes no answers", invalid, sent)
		}
		answers := bufio.NewReader(conn)
		for i := range sent {
			if got, err := answers.ReadString('\n'); got != "? "+line {
				t.Fatalf("answer %d is %.20q (%v)", i, got, err)
			}
		}
	})
}

func TestAClientThatTakesNoAnswersIsCutOff(t *testing.T) {
	alone(t, func(l *herd.Limits) { l.OutputPerClient, l.OutputPerClientMost = 100_000, 250_000 }, func(t *testing.T, b *herdtest.Bubble) {
		b.Asking = time.Second
		conn := silentClient(t, b, solo)
		defer conn.Close()
		fmt.Fprintln(conn, report("a"))
		for i := range 60 {
			fmt.Fprintf(conn, "WHATSAT a 10.%d 100\n", i)
		}
		b.Advance(time.Minute)
		if st := b.Servers[solo].Status(); st.Closed["output_limit"] != 1 || st.Connections != 0 || st.Waiting != 0 {
			t.Errorf("a client that takes nothing: counted %v, %d connections, %d WHATSATs wait", st.Closed, st.Connections, st.Waiting)
		}
	})
}

func TestWaitingWhatsatsAreBounded(t *testing.T) {
	const most = 4
	start(t, func(c *herd.Config) { c.Limits.WaitingWhatsatsPerClient = most }, func(t *testing.T, b *herdtest.Bubble) {
		b.Asking = time.Second
		c := b.Connect("Farmar")
		c.Send([]byte(report("a") + "\n"))
		for i := range 20 {
			c.Send(fmt.Appendf(nil, "WHATSAT a 10 %d\nmarker%d\n", i%3, i))
		}
		c.End()
		worst := 0
		for !c.Ended() {
			b.Advance(100 * time.Millisecond)
			worst = max(worst, b.Servers["Farmar"].Status().Waiting)
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

func TestTooManyWaitingWhatsatsAreCounted(t *testing.T) {
	alone(t, func(l *herd.Limits) { l.WaitingWhatsats = 2 }, func(t *testing.T, b *herdtest.Bubble) {
		b.Asking = time.Second
		c := b.Connect(solo)
		c.Send([]byte(report("a") + strings.Repeat("\nWHATSAT a 10 1", 5) + "\n"))
		b.Advance(100 * time.Millisecond)
		if st := b.Servers[solo].Status(); st.Waiting != 2 || st.Surplus != 3 || st.Shared != 1 {
			t.Errorf("%d wait, %d were too many, %d joined another; want 2, 3 and 1", st.Waiting, st.Surplus, st.Shared)
		}
		settle(b)
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

func TestACommandTakesEffectWhileAWhatsatWaits(t *testing.T) {
	start(t, nil, func(t *testing.T, b *herdtest.Bubble) {
		b.Asking = 3 * time.Second
		c := b.Connect("Farmar")
		c.Send([]byte(report("a") + "\nWHATSAT a 10 1\n" + report("b") + "\n"))
		settle(b)
		if n := len(lines(c)); n != 1 {
			t.Errorf("%d answers before the upstream's, want 1", n)
		}
		if n := b.Servers["Hill"].Status().Records; n != 2 {
			t.Errorf("Hill knows %d clients while the WHATSAT waits, want 2", n)
		}
		b.Advance(3 * time.Second)
		if got := lines(c); len(got) != 3 || !strings.Contains(got[2], " b ") {
			t.Errorf("then came %q", got)
		}
	})
}

func TestAClientThatLeavesCancelsItsQuestion(t *testing.T) {
	start(t, nil, func(t *testing.T, b *herdtest.Bubble) {
		b.Asking = 4 * time.Second
		conn := silentClient(t, b, "Farmar")
		fmt.Fprintf(conn, "%s\nWHATSAT a 10 1\n", report("a"))
		settle(b)
		if n := b.Servers["Farmar"].Status().Waiting; n != 1 {
			t.Fatalf("%d WHATSATs wait, want 1", n)
		}
		if err := conn.(interface{ SetLinger(int) error }).SetLinger(0); err != nil {
			t.Fatal(err)
		}
		before := b.Servers["Farmar"].Status().Closed // of two links to one neighbour, maybe
		conn.Close()
		settle(b)
		if st := b.Servers["Farmar"].Status(); st.Waiting != 0 || st.Connections != 0 || !maps.Equal(st.Closed, before) {
			t.Errorf("%d WHATSATs wait and %d clients are connected after the client left, counted %v", st.Waiting, st.Connections, st.Closed)
		}
	})
}

func TestEqualQuestionsAreAskedOnce(t *testing.T) {
	start(t, nil, func(t *testing.T, b *herdtest.Bubble) {
		b.Asking = time.Second
		say(t, b, "Farmar", report("a"))
		var clients []herdtest.Client
		for range 100 {
			c := b.Connect("Farmar")
			c.Send([]byte("WHATSAT a 10 2\n"))
			clients = append(clients, c)
		}
		b.Advance(2 * time.Second)
		for i, c := range clients {
			if got := lines(c); len(got) != 2 {
				t.Errorf("client %d got %q", i+1, got)
			}
		}
		if st := b.Servers["Farmar"].Status(); b.Asked() != 1 || st.Shared != 99 || st.Waiting != 0 {
			t.Errorf("%d requests, %d shared, %d still wait; want 1, 99 and 0", b.Asked(), st.Shared, st.Waiting)
		}
	})
}

func TestStopAnswersWhatWaits(t *testing.T) {
	start(t, nil, func(t *testing.T, b *herdtest.Bubble) {
		b.Asking = 3 * time.Second
		asking, idle := b.Connect("Farmar"), b.Connect("Farmar")
		asking.Send([]byte(report("a") + "\nWHATSAT a 10 1\n"))
		settle(b)
		farmar := b.Servers["Farmar"]
		farmar.Stop()
		settle(b)
		if !idle.Ended() || asking.Ended() {
			t.Errorf("a second after the stop: idle client ended %v, asking client ended %v", idle.Ended(), asking.Ended())
		}
		b.Stop("Farmar") // once more, and waits
		settle(b)
		if got := lines(asking); len(got) != 3 || !asking.Ended() {
			t.Errorf("the asking client got %d lines, ended: %v", len(got), asking.Ended())
		}
		if l := status(t, b, "Meeks", "Farmar"); l.Up {
			t.Error("Meeks still has its link to Farmar")
		}
		b.Start("Farmar") // the ports are free again
		if !b.Wait(b.Linked) {
			t.Error("Farmar did not come back")
		}
	})
}

// Whoever says nothing, stops in a line, or sends what is not for us is closed, in
// the time that the limits say, and counted by its reason.
func TestEachEndOfOursIsCounted(t *testing.T) {
	const second = herd.Duration(time.Second)
	for _, c := range []struct {
		reason string
		change func(*herd.Limits)
		sent   string
		after  time.Duration // from the last byte
	}{
		{"http", func(*herd.Limits) {}, "GET / HTTP/1.1\r\n", 0},
		{"line_too_long", func(*herd.Limits) {}, strings.Repeat("x", herd.MaxClientLine+2), 0},
		{"close_after_reply", func(l *herd.Limits) { l.CloseAfterReply = true }, "x\ny\n", 0},
		{"first_byte", func(l *herd.Limits) { l.FirstByte = 5 * second }, "", 5 * time.Second},
		{"partial_line", func(l *herd.Limits) { l.PartialLine = 7 * second }, "x\ny", 7 * time.Second},
		{"idle", func(l *herd.Limits) { l.Idle = 9 * second }, "x\n", 9 * time.Second},
		{"", func(*herd.Limits) {}, "x\nGET / HTTP/1.1\r\n", -1}, // not the first line
	} {
		alone(t, c.change, func(t *testing.T, b *herdtest.Bubble) {
			client := b.Connect(solo)
			client.Send([]byte(c.sent))
			if c.after > 0 {
				b.Advance(c.after - time.Second)
				if client.Ended() {
					t.Errorf("%s: it has ended a second too early", c.reason)
				}
				b.Advance(2 * time.Second)
			}
			b.Advance(5 * time.Millisecond)
			if client.Ended() != (c.reason != "") {
				t.Errorf("%q: it has ended: %v", c.reason, client.Ended())
			}
			if c.reason == "close_after_reply" && len(lines(client)) != 1 {
				t.Errorf("%s: not one answer", c.reason)
			}
			b.Advance(5 * time.Second)
			got := b.Servers[solo].Status()
			if c.reason == "" && len(got.Closed) != 0 ||
				c.reason != "" && (got.Connections != 0 || got.Closed[c.reason] != 1 || len(got.Closed) != 1) {
				t.Errorf("%q: %d connections, counted %v", c.reason, got.Connections, got.Closed)
			}
		})
	}
}

func TestConnectionsAreBounded(t *testing.T) {
	for reason, change := range map[string]func(*herd.Limits){
		"connections":             func(l *herd.Limits) { l.Connections = 3 },
		"connections_per_address": func(l *herd.Limits) { l.ConnectionsPerAddress = 3 },
	} {
		alone(t, change, func(t *testing.T, b *herdtest.Bubble) {
			var clients []herdtest.Client
			for range 5 {
				clients = append(clients, b.Connect(solo))
			}
			settle(b)
			if st := b.Servers[solo].Status(); st.Connections != 3 || st.Closed[reason] != 2 {
				t.Errorf("%d connected and %d refused, want 3 and 2", st.Connections, st.Closed[reason])
			}
			piece, next := b.Servers[solo].Connections(1 << 30)
			if len(piece) != 3 || next != 0 {
				t.Errorf("%d connections are shown, and there are more: %v", len(piece), next != 0)
			}
			clients[0].End()
			settle(b)
			if got := say(t, b, solo, report("a")); len(got) != 1 || !strings.HasPrefix(got[0], "AT Solo ") {
				t.Errorf("after one has left: %q", got)
			}
		})
	}
}

func TestAClientWithManyCommandsLetsTheOthersHaveTheirTurn(t *testing.T) {
	const sent, perTurn = 5000, 7
	alone(t, func(l *herd.Limits) { l.CommandsPerTurn = perTurn }, func(t *testing.T, b *herdtest.Bubble) {
		var commands strings.Builder
		for i := range sent {
			fmt.Fprintf(&commands, "c%d\n", i)
		}
		c := b.Connect(solo)
		c.Send([]byte(commands.String()))
		c.End()
		b.Wait(c.Ended)
		got := lines(c)
		if len(got) != sent {
			t.Fatalf("%d answers, want %d", len(got), sent)
		}
		for i, line := range got {
			if line != fmt.Sprintf("? c%d", i) {
				t.Fatalf("answer %d is %q", i, line)
			}
		}
		if n := b.Servers[solo].Status().Yielded; n < sent/perTurn/2 {
			t.Errorf("only %d turns ended early", n)
		}
	})
}
