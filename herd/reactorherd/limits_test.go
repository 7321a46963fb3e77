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
