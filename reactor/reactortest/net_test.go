package reactortest

import (
	"errors"
	"testing"
	"time"

	"proxyherd/reactor"
)

// scene is a network with two reactors, Farmar and Gasol, for the tests of the
// network itself.
type scene struct {
	*Network
	t             *testing.T
	farmar, gasol *Reactor
	events        []string
}

const minute = time.Minute

func newScene(t *testing.T, options Options) *scene {
	s := &scene{t: t}
	options.Trace = func(e Event) { s.events = append(s.events, e.String()) }
	s.Network = NewNetwork(options)
	s.farmar, s.gasol = s.Reactor("Farmar"), s.Reactor("Gasol")
	return s
}

// listen opens a port of r, of which the number is chosen.
func listen(t *testing.T, r *Reactor, p reactor.Protocol, backlog int) reactor.ListeningPort {
	t.Helper()
	port, err := r.ListenTCP(0, casting(p), backlog, "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	return port
}

func dial(r *Reactor, port reactor.ListeningPort, f reactor.ClientFactory, timeout time.Duration) reactor.Connector {
	host, number := reactor.SplitAddress(port.GetHost())
	return r.ConnectTCP(host, number, f, timeout, nil)
}

// meet connects client, on Gasol, to server, on Farmar, and waits for it.
func (s *scene) meet(server, client reactor.Protocol) reactor.ListeningPort {
	s.t.Helper()
	port := listen(s.t, s.farmar, server, 0)
	dial(s.gasol, port, casting(client), 0)
	if !s.Settle(minute) {
		s.t.Fatal("the network did not settle")
	}
	return port
}

// after is how long the network has run.
func (s *scene) after() time.Duration { return s.Seconds().Sub(time.Unix(0, 0)) }

func (s *scene) wantLost(a *actor, target error) {
	s.t.Helper()
	if len(a.reasons) != 1 || !errors.Is(a.reasons[0], target) {
		s.t.Errorf("%s's connection was lost for %v, want once for: %v", a.name, a.reasons, target)
	}
}

func (s *scene) wantLive(actors ...*actor) {
	s.t.Helper()
	for _, a := range actors {
		if a.TCPTransport == nil || len(a.reasons) != 0 {
			s.t.Errorf("%s's connection is not live: %v", a.name, a.reasons)
		}
	}
}

func (s *scene) wantData(a *actor, want string) {
	s.t.Helper()
	if string(a.data) != want {
		s.t.Errorf("%s got %q, want %q", a.name, a.data, want)
	}
}

// wantPanicOf checks that f panics.
func wantPanicOf(t *testing.T, what string, f func()) {
	t.Helper()
	if caught(f) == nil {
		t.Errorf("%s did not panic", what)
	}
}
