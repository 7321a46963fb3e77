package reactorherd_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/herdtest"
	"proxyherd/herd/reactorherd"
	"proxyherd/protocols"
	"proxyherd/reactor"
	"proxyherd/reactor/reactortest"
)

// solo is a herd of one server, of that name.
const solo = "Solo"

// alone makes such a herd. jobs is how long the upstream takes.
func alone(t *testing.T, jobs time.Duration, change func(*herd.Limits)) *herdtest.Virtual {
	t.Helper()
	return herdtest.NewVirtual(t, reactortest.Options{JobTime: jobs}, func(c *herd.Config) {
		c.Servers = []herd.Server{{Name: solo, Clients: "127.0.0.1:12000"}}
		change(&c.Limits)
	})
}

// closed is how many connections a server has ended for a reason.
func closed(v *herdtest.Virtual, reason string) int64 { return v.Servers[solo].Status().Closed[reason] }

func TestConnectionsFromOneAddressAreBounded(t *testing.T) {
	const most = 2
	v := alone(t, 0, func(l *herd.Limits) { l.ConnectionsPerAddress = most })
	guests := v.Network.Reactor("guests")
	come := func(from string) *guest {
		g := &guest{}
		guests.ConnectTCP("127.0.0.1", 12000, guestFactory{guest: g}, 0, reactor.IPv4Address{Host: from})
		settle(v)
		return g
	}
	var here []*guest
	for _, from := range []string{"127.0.0.2", "127.0.0.3"} {
		for i := range 5 {
			g := come(from)
			if refused := i >= most; g.lost != refused {
				t.Errorf("connection %d from %s: refused is %v, want %v", i, from, g.lost, refused)
			}
			here = append(here, g)
		}
	}
	if n := closed(v, "connections_per_address"); n != 6 {
		t.Errorf("%d refused, want 6", n)
	}
	here[0].Transport.LoseConnection()
	settle(v)
	if come("127.0.0.3"); closed(v, "connections_per_address") != 7 {
		t.Error("who left made room for another address")
	}
	late := come("127.0.0.2")
	if late.lost {
		t.Error("who left made no room for its own address")
	}
	for _, g := range append(here, late) {
		g.Transport.LoseConnection()
	}
	settle(v)
	if n := reactorherd.Origins(v.Servers[solo]); n != 0 {
		t.Errorf("%d addresses are remembered with nobody there", n)
	}
}

func TestAnAddressCountsWithoutItsPortAndUnmapped(t *testing.T) {
	v := alone(t, 0, func(*herd.Limits) {})
	for _, c := range []struct {
		a, b reactor.Address
		same bool
	}{
		{reactor.IPv4Address{Host: "10.0.0.1", Port: 1}, reactor.IPv4Address{Host: "10.0.0.1", Port: 2}, true},
		{reactor.IPv4Address{Host: "10.0.0.1", Port: 1}, reactor.IPv4Address{Host: "10.0.0.2", Port: 1}, false},
		{reactor.IPv4Address{Host: "10.0.0.1"}, reactor.IPv6Address{Host: "::ffff:10.0.0.1"}, true},
		{reactor.IPv6Address{Host: "2001:db8::1", Port: 1}, reactor.IPv6Address{Host: "2001:db8:0::1", Port: 2}, true},
		{reactor.IPv6Address{Host: "::1"}, reactor.IPv4Address{Host: "127.0.0.1"}, false},
	} {
		s := v.Servers[solo]
		if a, b := reactorherd.OriginOf(s, c.a), reactorherd.OriginOf(s, c.b); (a == b) != c.same {
			t.Errorf("%v counts as %v, %v as %v", c.a, a, c.b, b)
		}
	}
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
		v := alone(t, 0, c.change)
		client := v.Connect(solo)
		client.Send([]byte(c.sent))
		if c.ends {
			client.End()
		}
		if !v.Wait(client.Ended) {
			t.Errorf("%.20q: the connection stays", c.sent)
		}
		v.Network.Advance(5 * time.Second)
		got := v.Servers[solo].Status()
		if got.Connections != 0 || c.reason == "" && len(got.Closed) != 0 ||
			c.reason != "" && (got.Closed[c.reason] != 1 || len(got.Closed) != 1) {
			t.Errorf("%.20q: %d connections, counted %v, want %q", c.sent, got.Connections, got.Closed, c.reason)
		}
	}
}

// A client that stays after our end is read for a moment more, so that its input
// does not meet a closed connection and the reset take our last line with it.
func TestWhoStaysIsReadForAMomentMore(t *testing.T) {
	for _, c := range []struct {
		what   string
		change func(*herd.Limits)
		sent   string
	}{
		{"after an answer", func(l *herd.Limits) { l.CloseAfterReply = true }, "x\n"},
		{"after one that held it", func(l *herd.Limits) { l.CloseAfterReply, l.WaitingWhatsatsPerClient = true, 1 }, "WHATSAT a 10 1\n"},
	} {
		v := alone(t, time.Second, c.change)
		say(t, v, solo, report(v, "a"))
		g := &stayingGuest{}
		v.Network.Reactor("guests").ConnectTCP("127.0.0.1", 12000, guestFactory{guest: g}, 0, nil)
		settle(v)
		g.Transport.Write([]byte(c.sent))
		settle(v)
		ends := v.Network.Seconds() // of the WHATSAT's answer too: a job counts as under way
		g.Transport.Write(make([]byte, 300_000))
		v.Network.Advance(ends.Add(1900 * time.Millisecond).Sub(v.Network.Seconds()))
		if g.lost || v.Servers[solo].Status().Connections != 1 {
			t.Errorf("%s: the connection did not stay", c.what)
		}
		v.Network.Advance(2 * time.Second)
		// It is at its end by now, and was not reset.
		if st := v.Servers[solo].Status(); st.Connections != 0 || g.lost || st.Closed["close_after_reply"] != 2 {
			t.Errorf("%s: %d connections, the client's is lost: %v, counted %v", c.what, st.Connections, g.lost, st.Closed)
		}
	}
}

func TestTooManyWaitingWhatsatsAreCounted(t *testing.T) {
	v := alone(t, time.Minute, func(l *herd.Limits) { l.WaitingWhatsats = 2 })
	c := v.Connect(solo)
	c.Send([]byte(report(v, "a") + strings.Repeat("\nWHATSAT a 10 1", 5) + "\n"))
	v.Network.Advance(time.Second)
	if n := reactorherd.WhatsatsRefused(v.Servers[solo]); n != 3 {
		t.Errorf("%d refused, want 3", n)
	}
	if st := v.Servers[solo].Status(); st.Waiting != 2 {
		t.Errorf("%d wait, want 2", st.Waiting)
	}
	v.Network.Advance(time.Minute)
	got := lines(c)
	if len(got) != 1+2*5 {
		t.Fatalf("%d lines of answers, want 11", len(got))
	}
	for i := range 5 {
		if failed := strings.Contains(got[2+2*i], `"error":`); failed != (i >= 2) {
			t.Errorf("question %d got %.60q", i, got[2+2*i])
		}
	}
}

// The AT lines of WHATSATs are short, so a client may ask for much before it is
// read no further; the answers are long.
func TestAClientThatTakesNoAnswersIsCutOff(t *testing.T) {
	const asked, most = 8, 250_000
	bounded := func(l *herd.Limits) { l.OutputPerClient, l.OutputPerClientMost = 100_000, most }
	question := func(i int) []byte { return fmt.Appendf(nil, "WHATSAT a 10.%d 100\n", i) }

	v := alone(t, time.Second, bounded)
	c := v.Connect(solo)
	c.Send([]byte(report(v, "a") + "\n"))
	got := 0
	for i := range asked {
		c.Send(question(i))
		v.Network.Advance(2 * time.Second)
		got += len(c.Received())
		c.Take(len(c.Received()))
	}
	// What was taken counts no more: not a lot, and then a little.
	c.Send(append(question(0), question(1)...))
	v.Network.Advance(2 * time.Second)
	c.Send([]byte("WHATSAT a 9 1\n" + strings.Repeat(strings.Repeat("x", 9_000)+"\n", 6)))
	v.Network.Advance(2 * time.Second)
	if got < 2*most {
		t.Errorf("the answers have %d bytes: too few for this test", got)
	}
	if c.Ended() || closed(v, "output_limit") != 0 {
		t.Error("a client that takes its answers was cut off")
	}

	v = alone(t, time.Second, bounded)
	c = v.Connect(solo)
	c.Send([]byte(report(v, "a") + "\n"))
	settle(v)
	c.(reactor.PushProducer).PauseProducing()
	for i := range asked {
		c.Send(question(i))
	}
	v.Network.Advance(time.Minute)
	if st := v.Servers[solo].Status(); st.Closed["output_limit"] != 1 || st.Connections != 0 || st.Waiting != 0 {
		t.Errorf("a client that takes nothing: counted %v, %d connections, %d WHATSATs wait", st.Closed, st.Connections, st.Waiting)
	}
}

// Behind an answer that is waited for, what waits counts too.
func TestAnswersBehindOneThatIsWaitedForAreBounded(t *testing.T) {
	v := alone(t, 10*time.Second, func(l *herd.Limits) { l.OutputPerClient, l.OutputPerClientMost = 32768, 32768 })
	say(t, v, solo, report(v, "a"))
	other, c := v.Connect(solo), v.Connect(solo)
	for i := range 8 {
		other.Send([]byte(fmt.Sprintf("WHATSAT a 10.%d 100\n", i)))
	}
	v.Network.Advance(5 * time.Second)
	c.Send([]byte("WHATSAT a 9 1\n")) // answered last
	for i := range 8 {
		c.Send([]byte(fmt.Sprintf("WHATSAT a 10.%d 100\n", i)))
	}
	v.Network.Advance(6 * time.Second) // by now all others are
	if !c.Ended() || len(c.Received()) != 0 || closed(v, "output_limit") == 0 {
		t.Errorf("the connection has ended: %v, with %d bytes, counted %v", c.Ended(), len(c.Received()), v.Servers[solo].Status().Closed)
	}
}

func TestAClientWithManyCommandsLetsTheOthersHaveTheirTurn(t *testing.T) {
	const sent = 5000
	for _, perTurn := range []int{1, 7, 1000, 2 * sent} {
		v := alone(t, 0, func(l *herd.Limits) { l.CommandsPerTurn = perTurn })
		busy, other := v.Connect(solo), v.Connect(solo)
		var commands strings.Builder
		for i := range sent {
			fmt.Fprintf(&commands, "c%d\n", i)
		}
		busy.Send([]byte(commands.String()))
		busy.End()
		other.Send([]byte("other\n"))
		server := v.Servers[solo]
		if !v.Network.RunUntil(func() bool { return len(other.Received()) > 0 }, time.Second) {
			t.Fatal("the other client has no answer")
		}
		// Where a turn is all that came at once, the other waits for all.
		if done := int(server.Status().Counters.Invalid); perTurn < 1000 && done > 10*perTurn || perTurn > sent && done < sent {
			t.Errorf("with %d a turn: %d commands were carried out before the other client had its answer", perTurn, done)
		}
		if yielded, want := reactorherd.Yielded(server), int64(0); perTurn > sent && yielded != want {
			t.Errorf("with %d a turn: %d turns ended early", perTurn, yielded)
		}
		v.Wait(busy.Ended)
		got := lines(busy)
		if len(got) != sent {
			t.Fatalf("with %d a turn: %d answers, want %d", perTurn, len(got), sent)
		}
		for i, line := range got {
			if line != fmt.Sprintf("? c%d", i) {
				t.Fatalf("with %d a turn: answer %d is %q", perTurn, i, line)
			}
		}
		if yielded := reactorherd.Yielded(server); perTurn < sent && yielded < int64(sent/perTurn/2) {
			t.Errorf("with %d a turn: only %d turns ended early", perTurn, yielded)
		}
	}
}

func TestATurnIsOverWithWhatCameAtOnce(t *testing.T) {
	v := alone(t, 0, func(l *herd.Limits) { l.CommandsPerTurn = 7 })
	c := v.Connect(solo)
	for range 20 {
		c.Send([]byte(strings.Repeat("x\n", 5) + "x"))
		settle(v)
	}
	if n := len(lines(c)); n != 100 || reactorherd.Yielded(v.Servers[solo]) != 0 {
		t.Errorf("%d answers, and %d turns ended early", n, reactorherd.Yielded(v.Servers[solo]))
	}
}

func TestCommandsThatWaitForTheirTurnAreDroppedWithTheirClient(t *testing.T) {
	for what, end := range map[string]func(v *herdtest.Virtual, c herdtest.Client){
		"the client leaves": func(v *herdtest.Virtual, c herdtest.Client) {
			c.(interface{ AbortConnection() }).AbortConnection()
		},
		"the server stops": func(v *herdtest.Virtual, c herdtest.Client) { v.Stop(solo) },
	} {
		v := alone(t, 0, func(l *herd.Limits) { l.CommandsPerTurn = 10 })
		server, c := v.Servers[solo], v.Connect(solo)
		c.Send([]byte(strings.Repeat("x\n", 5000)))
		done := func() uint64 { return server.Status().Counters.Invalid }
		v.Network.RunUntil(func() bool { return done() >= 100 }, time.Second)
		end(v, c)
		v.Network.Advance(time.Minute)
		if n := done(); n < 100 || n > 300 {
			t.Errorf("%s: %d commands were carried out", what, n)
		}
	}
	v := alone(t, 0, func(l *herd.Limits) { l.CommandsPerTurn, l.CloseAfterReply = 1, true })
	c := v.Connect(solo)
	c.Send([]byte(strings.Repeat("x\n", 5000)))
	v.Wait(c.Ended)
	if n := len(lines(c)); n != 1 {
		t.Errorf("%d answers before the end, want 1", n)
	}
}

// guest is a client that comes from an address of its choice.
type guest struct {
	protocols.Protocol
	lost bool
}

func (g *guest) ConnectionLost(error) { g.lost = true }

// stayingGuest does not leave when the server has ended.
type stayingGuest struct{ guest }

func (g *stayingGuest) ReadConnectionLost()  {}
func (g *stayingGuest) WriteConnectionLost() {}

// guestFactory makes the one guest.
type guestFactory struct{ guest reactor.Protocol }

func (f guestFactory) BuildProtocol(reactor.Address) reactor.Protocol { return f.guest }
func (f guestFactory) DoStart(reactor.Factory)                        {}
func (f guestFactory) DoStop(reactor.Factory)                         {}
func (f guestFactory) StartedConnecting(reactor.Connector)            {}
func (f guestFactory) ClientConnectionLost(reactor.Connector, error)  {}
func (f guestFactory) ClientConnectionFailed(_ reactor.Connector, reason error) {
	f.guest.ConnectionLost(reason)
}
