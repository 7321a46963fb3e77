package reactortest

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"proxyherd/reactor"
)

// stage is a reactor under test and what a rule needs around it. A rule sets
// the scene, calls run, which returns when something in the scene has called
// stop, and then looks at what came of it.
type stage struct {
	reactor.Reactor
	t       *testing.T
	harness Harness
	logged  *errorLog
	steps   []string
}

func newStage(t *testing.T, h Harness) *stage {
	if h.Limit == 0 {
		h.Limit = 20 * time.Second
	}
	if h.Absorbs == 0 {
		h.Absorbs = 32 << 20
	}
	log := &errorLog{}
	return &stage{Reactor: h.New(log), t: t, harness: h, logged: log}
}

// errorLog is a Logger that keeps the errors. Workers log too.
type errorLog struct {
	mu     sync.Mutex
	errors []string
}

func (l *errorLog) Msg(string, string) {}

func (l *errorLog) Err(prefix string, err error, why string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.errors = append(l.errors, fmt.Sprintf("%s: %s: %v", prefix, why, err))
}

// run runs the reactor until it is stopped; nothing must have been logged but
// one error for each of expected, with that text in it, in any order.
func (s *stage) run(expected ...string) {
	s.t.Helper()
	s.runUnlogged()
	s.logged.mu.Lock()
	defer s.logged.mu.Unlock()
	if len(s.logged.errors) != len(expected) {
		s.t.Errorf("%d errors were logged, want %d: %q", len(s.logged.errors), len(expected), s.logged.errors)
	}
	for _, text := range expected {
		if !strings.Contains(strings.Join(s.logged.errors, "\n"), text) {
			s.t.Errorf("no error with %q was logged, only %q", text, s.logged.errors)
		}
	}
}

// runUnlogged runs the reactor and leaves the log for later.
func (s *stage) runUnlogged() {
	s.t.Helper()
	var late atomic.Bool
	watchdog := time.AfterFunc(s.harness.Limit, func() {
		late.Store(true)
		s.CallFromThread(s.Crash)
	})
	defer watchdog.Stop()
	if err := s.Run(); err != nil {
		s.t.Fatalf("Run: %v", err)
	}
	if late.Load() {
		s.t.Fatalf("the scene did not come to its end within %v; so far: %q", s.harness.Limit, s.steps)
	}
}

// stop ends the scene.
func (s *stage) stop() {
	if err := s.Stop(); err != nil {
		s.t.Errorf("Stop: %v", err)
	}
}

// stopAfter returns a function that stops the reactor when it is called for the
// nth time.
func (s *stage) stopAfter(n int) func() {
	return func() {
		if n--; n == 0 {
			s.stop()
		}
	}
}

// note adds to the list of what happened.
func (s *stage) note(format string, args ...any) {
	s.steps = append(s.steps, fmt.Sprintf(format, args...))
}

// noting is note as a function to be called later.
func (s *stage) noting(step string) func() { return func() { s.note("%s", step) } }

// wantSteps checks what happened, in order.
func (s *stage) wantSteps(want ...string) {
	s.t.Helper()
	got, wanted := strings.Join(s.steps, "\n\t"), strings.Join(want, "\n\t")
	if got != wanted {
		s.t.Errorf("what happened:\n\t%s\nwant:\n\t%s", got, wanted)
	}
}

// wantIs checks that err is target.
func (s *stage) wantIs(err, target error, what string) {
	s.t.Helper()
	if !errors.Is(err, target) {
		s.t.Errorf("%s: %v, want one that is: %v", what, err, target)
	}
}

// wantEnd checks that an actor was told once that its connection ended, with a
// reason that is target.
func (s *stage) wantEnd(a *actor, target error) {
	s.t.Helper()
	if len(a.reasons) != 1 {
		s.t.Errorf("%s was told %d times that its connection was lost, want once: %v", a.name, len(a.reasons), a.reasons)
		return
	}
	s.wantIs(a.reasons[0], target, a.name+"'s connection ended with")
}

// tooMuch is more than the system takes from a writer whose peer does not read.
func (s *stage) tooMuch() []byte { return make([]byte, s.harness.Absorbs+highWater+1) }

// listen opens a port for f.
func (s *stage) listen(f reactor.Factory) reactor.ListeningPort {
	s.t.Helper()
	port, err := s.ListenTCP(0, f, 0, s.harness.Host)
	if err != nil {
		s.t.Fatalf("ListenTCP: %v", err)
	}
	return port
}

// connectTo connects f to a port.
func (s *stage) connectTo(port reactor.ListeningPort, f reactor.ClientFactory) reactor.Connector {
	host, number := reactor.SplitAddress(port.GetHost())
	return s.ConnectTCP(host, number, f, 0, nil)
}

// pair connects client to server.
func (s *stage) pair(server, client reactor.Protocol) reactor.Connector {
	s.t.Helper()
	return s.connectTo(s.listen(casting(server)), casting(client))
}

// afterRoundTrips calls f when a byte has gone forth and back n times on a
// connection of its own: whatever could happen at once on other connections has
// happened by then.
func (s *stage) afterRoundTrips(n int, f func()) {
	echo := &actor{name: "echo", received: func(a *actor, data []byte) error { a.Write(data); return nil }}
	ball := &actor{name: "ball", made: func(a *actor) { a.Write([]byte{0}) }}
	ball.received = func(a *actor, data []byte) error {
		if n--; n > 0 {
			a.Write(data)
			return nil
		}
		a.LoseConnection()
		f()
		return nil
	}
	s.pair(echo, ball)
}
