package connecting

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"proxyherd/reactor"
	"proxyherd/reactor/task"
)

var destination = reactor.IPv4Address{Host: "pear.example", Port: 80}

// stage is a connector with a factory, a clock and attempts that go nowhere,
// and a list of what they were told.
type stage struct {
	*Connector
	t     *testing.T
	clock task.Clock
	steps []string
	// hook, if set, is called within each hook of the factory, by its name.
	hook func(name string)
}

func newStage(t *testing.T, timeout time.Duration) *stage {
	s := &stage{t: t}
	s.Connector = New(&s.clock, factory{s}, destination, timeout, func(c *Connector) Attempt {
		s.note("attempt")
		return attempt{s}
	})
	return s
}

// connect starts an attempt that must be allowed.
func (s *stage) connect() {
	s.t.Helper()
	if err := s.Connect(); err != nil {
		s.t.Fatalf("Connect: %v", err)
	}
}

func (s *stage) note(format string, args ...any) {
	s.steps = append(s.steps, fmt.Sprintf(format, args...))
}

// told notes a hook of the factory, with the state that it sees.
func (s *stage) told(name string) {
	s.note("%s %v", name, s.State())
	if s.hook != nil {
		s.hook(name)
	}
}

// want checks what has happened since the last want.
func (s *stage) want(steps ...string) {
	s.t.Helper()
	if got, want := strings.Join(s.steps, ", "), strings.Join(steps, ", "); got != want {
		s.t.Errorf("what happened: %s; want: %s", got, want)
	}
	s.steps = nil
}

// wantTimers checks how many calls are pending on the clock.
func (s *stage) wantTimers(n int) {
	s.t.Helper()
	if got := len(s.clock.GetDelayedCalls()); got != n {
		s.t.Errorf("%d calls are pending, want %d", got, n)
	}
}

// attempt is an Attempt that notes what it is told.
type attempt struct{ s *stage }

func (a attempt) Stop()           { a.s.note("stop the attempt") }
func (a attempt) LoseConnection() { a.s.note("lose the connection") }

// factory is a ClientFactory that notes what it is told.
type factory struct{ s *stage }

func (factory) BuildProtocol(reactor.Address) reactor.Protocol { return nil }
func (f factory) DoStart(reactor.Factory)                      { f.s.told("DoStart") }
func (f factory) DoStop(reactor.Factory)                       { f.s.told("DoStop") }
func (f factory) StartedConnecting(reactor.Connector)          { f.s.told("StartedConnecting") }
func (f factory) ClientConnectionFailed(_ reactor.Connector, reason error) {
	f.s.told("ClientConnectionFailed (" + reason.Error() + ")")
}
func (f factory) ClientConnectionLost(_ reactor.Connector, reason error) {
	f.s.told("ClientConnectionLost (" + reason.Error() + ")")
}
