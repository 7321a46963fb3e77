package factories_test

import (
	"testing"
	"time"

	"proxyherd/factories"
	"proxyherd/protocols"
	"proxyherd/reactor"
	"proxyherd/reactor/reactortest"
)

func TestReconnectingStopTrying(t *testing.T) { // RC3, RC11
	t.Run("while connected prevents any later attempt", func(t *testing.T) {
		f, clock := exact()
		c := fakeConnector()
		f.StartedConnecting(c)
		f.StopTrying()
		if f.ContinueTrying() || c.Disconnects != 0 {
			t.Fatalf("continues %v, connector %+v", f.ContinueTrying(), c)
		}
		f.ClientConnectionLost(c, errAny)
		if len(clock.GetDelayedCalls()) != 0 {
			t.Fatal("an attempt is pending")
		}
	})
	t.Run("cancels a wait", func(t *testing.T) {
		f, clock := exact()
		c := fakeConnector()
		f.ClientConnectionLost(c, errAny)
		f.StopTrying()
		clock.Advance(time.Hour)
		if c.Connects != 0 || c.Stops != 1 {
			t.Fatalf("connector %+v", c)
		}
	})
	t.Run("the failure that it causes is not retried", func(t *testing.T) {
		f, clock := exact()
		c := &failing{FakeConnector: fakeConnector(), factory: f}
		f.ClientConnectionFailed(c, errAny)
		clock.Advance(3 * time.Second)
		f.StopTrying()
		if c.failures != 1 || len(clock.GetDelayedCalls()) != 0 {
			t.Fatalf("%d failures, %d calls pending", c.failures, len(clock.GetDelayedCalls()))
		}
	})
	t.Run("before there was a connector only sets the mark", func(t *testing.T) {
		f, _ := exact()
		f.StopTrying()
		if f.ContinueTrying() {
			t.Fatal("continues")
		}
	})
	t.Run("a retry asked for afterwards is abandoned", func(t *testing.T) { // RC3
		f, clock := exact()
		log := &memoryLog{}
		f.Log = log
		f.StopTrying()
		if err := f.Retry(&shy{fakeConnector()}); err != nil || len(clock.GetDelayedCalls()) != 0 {
			t.Fatalf("Retry = %v", err)
		}
		same(t, "log", log.lines, "ReconnectingClientFactory: Abandoning shy connector on explicit request")
	})
	t.Run("resetting undoes it", func(t *testing.T) { // RC12
		f, clock := exact()
		f.StopTrying()
		f.ResetDelay()
		f.ClientConnectionLost(fakeConnector(), errAny)
		if !f.ContinueTrying() || len(clock.GetDelayedCalls()) != 1 {
			t.Fatalf("continues %v", f.ContinueTrying())
		}
	})
}

// failing reports the failure of an attempt that is stopped, as a real
// connector does.
type failing struct {
	*reactortest.FakeConnector
	factory  reactor.ClientFactory
	failures int
}

func (c *failing) StopConnecting() error {
	c.failures++
	c.factory.ClientConnectionFailed(c, reactor.ErrUser)
	return nil
}

// phasedClient notes when it starts and stops.
type phasedClient struct {
	reconnecting
	phases []string
}

func (f *phasedClient) StartFactory() { f.phases = append(f.phases, "start") }
func (f *phasedClient) StopFactory()  { f.phases = append(f.phases, "stop") }

func TestReconnectingOnAReactor(t *testing.T) { // RC15
	network := reactortest.NewNetwork(reactortest.Options{})
	client := network.Reactor("client")
	f := &phasedClient{}
	f.Clock, f.Jitter = client, factories.NoJitter
	connector := client.ConnectTCP("127.0.0.1", 9, f, 0, nil)
	network.Advance(2 * time.Second) // refused once, the wait is e seconds
	same(t, "phases", f.phases, "start", "stop")
	if connector.State() != reactor.Disconnected || f.Retries != 1 {
		t.Fatalf("%v after %d retries", connector.State(), f.Retries)
	}
	server := network.Reactor("server")
	accepted := factories.ForProtocol(func(reactor.Address) reactor.Protocol { return &protocols.Protocol{} })
	if _, err := server.ListenTCP(9, accepted, 0, "127.0.0.1"); err != nil {
		t.Fatal(err)
	}
	network.Advance(2 * time.Second)
	same(t, "phases", f.phases, "start", "stop", "start")
	if connector.State() != reactor.Connected {
		t.Fatalf("connector is %v", connector.State())
	}
	f.StopTrying()
	connector.Disconnect()
	network.Advance(time.Hour)
	same(t, "phases", f.phases, "start", "stop", "start", "stop")
	if connector.State() != reactor.Disconnected {
		t.Fatalf("connector is %v", connector.State())
	}
}
