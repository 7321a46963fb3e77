package protocols_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"proxyherd/protocols"
	"proxyherd/reactor/task"
)

// memoryLog keeps what it is told in the log.
type memoryLog struct{ lines []string }

func (l *memoryLog) Msg(prefix, message string) {
	l.lines = append(l.lines, prefix+": "+message)
}

func (l *memoryLog) Err(prefix string, err error, why string) {
	l.lines = append(l.lines, fmt.Sprintf("%s: %s: %v", prefix, why, err))
}

// conversation says a name, then a password, then it is done.
type conversation struct {
	protocols.NetstringReceiver
	protocols.StatefulStringProtocol
	name string
}

func (c *conversation) ConnectionMade() {
	c.Done = c.Transport.LoseConnection
	c.Proto = map[string]func([]byte) (string, error){
		"init":     func(s []byte) (string, error) { c.name = string(s); return "password", nil },
		"password": c.password,
	}
}

func (c *conversation) password(s []byte) (string, error) {
	switch string(s) {
	case "right":
		return "done", nil
	case "stop":
		return "", errStop
	case "lost":
		return "nowhere", nil
	case "silent":
		return "", nil
	}
	return "password", nil
}

func TestStatefulStringProtocol(t *testing.T) { // SP1
	t.Run("each string goes to the state's Proto, done loses the connection", func(t *testing.T) {
		c := &conversation{}
		transport := connect(c)
		feed(t, c, "4:kiwi,")
		feed(t, c, "5:wrong,")
		if c.name != "kiwi" || c.State != "password" || transport.Disconnecting() {
			t.Fatalf("name %q, state %q, disconnecting %v", c.name, c.State, transport.Disconnecting())
		}
		feed(t, c, "5:right,")
		if c.State != protocols.DoneState || !transport.Disconnecting() {
			t.Fatalf("state %q, disconnecting %v", c.State, transport.Disconnecting())
		}
	})
	t.Run("an unknown state is logged and nothing else", func(t *testing.T) { // SP2
		log := &memoryLog{}
		c := &conversation{}
		c.Log = log
		transport := connect(c)
		feed(t, c, "4:kiwi,4:lost,1:a,")
		same(t, "log", log.lines, "StatefulStringProtocol: callback nowhere not found")
		if c.State != "nowhere" || transport.Disconnecting() {
			t.Fatalf("state %q, disconnecting %v", c.State, transport.Disconnecting())
		}
		c.Log = nil
		feed(t, c, "1:b,")
	})
	t.Run("a Proto that names no state is an error", func(t *testing.T) { // SP2
		c := &conversation{}
		connect(c)
		if err := feedErr(c, "4:kiwi,6:silent,"); err == nil || !strings.Contains(err.Error(), `"password"`) {
			t.Fatalf("DataReceived = %v", err)
		}
	})
	t.Run("an error leaves the state as it was", func(t *testing.T) {
		c := &conversation{}
		connect(c)
		if err := feedErr(c, "4:kiwi,4:stop,"); !errors.Is(err, errStop) || c.State != "password" {
			t.Fatalf("DataReceived = %v, state %q", err, c.State)
		}
	})
}

// impatient loses its connection when nothing came for a while.
type impatient struct {
	protocols.Protocol
	protocols.TimeoutMixin
}

// ownTimeout does something else instead.
type ownTimeout struct {
	impatient
	timedOut int
	again    time.Duration
}

func (o *ownTimeout) TimeoutConnection() {
	o.timedOut++
	if o.again > 0 {
		o.SetTimeout(o, o.again)
	}
}

func TestTimeoutMixin(t *testing.T) {
	start := func() (*impatient, *transport, *task.Clock) {
		p, clock := &impatient{}, &task.Clock{}
		p.Clock = clock
		return p, connect(p), clock
	}
	t.Run("it schedules on its own clock", func(t *testing.T) { // TM1
		p, _, clock := start()
		p.SetTimeout(p, 5*time.Second)
		calls := clock.GetDelayedCalls()
		if len(calls) != 1 || !calls[0].GetTime().Equal(time.Unix(5, 0)) {
			t.Fatalf("%d calls", len(calls))
		}
	})
	t.Run("it loses the connection exactly when time is up", func(t *testing.T) { // TM1, TM3
		p, transport, clock := start()
		p.SetTimeout(p, 5*time.Second)
		clock.Advance(5*time.Second - 1)
		if transport.Disconnecting() {
			t.Fatal("too early")
		}
		clock.Advance(1)
		if !transport.Disconnecting() || p.TimeOut != 5*time.Second {
			t.Fatalf("disconnecting %v, TimeOut %v", transport.Disconnecting(), p.TimeOut)
		}
	})
	t.Run("resetting starts the period over", func(t *testing.T) { // TM2, TM5
		p, transport, clock := start()
		p.SetTimeout(p, 5*time.Second)
		for range 10 {
			clock.Advance(4 * time.Second)
			p.ResetTimeout()
		}
		if transport.Disconnecting() {
			t.Fatal("timed out in spite of resets")
		}
		feed(t, p, "traffic by itself resets nothing")
		clock.Advance(5 * time.Second)
		if !transport.Disconnecting() {
			t.Fatal("not timed out")
		}
	})
	t.Run("a new period replaces the old one", func(t *testing.T) {
		p, transport, clock := start()
		p.SetTimeout(p, 5*time.Second)
		clock.Advance(2 * time.Second)
		p.SetTimeout(p, 10*time.Second)
		clock.Advance(9 * time.Second)
		if transport.Disconnecting() || len(clock.GetDelayedCalls()) != 1 {
			t.Fatalf("disconnecting %v, %d calls", transport.Disconnecting(), len(clock.GetDelayedCalls()))
		}
		clock.Advance(time.Second)
		if !transport.Disconnecting() {
			t.Fatal("not timed out")
		}
	})
	t.Run("no period cancels", func(t *testing.T) { // TM1
		p, transport, clock := start()
		p.SetTimeout(p, 5*time.Second)
		p.SetTimeout(p, 0)
		p.SetTimeout(p, 0)
		if len(clock.GetDelayedCalls()) != 0 {
			t.Fatal("a call is pending")
		}
		p.ResetTimeout()
		clock.Advance(time.Minute)
		if transport.Disconnecting() {
			t.Fatal("timed out")
		}
	})
	t.Run("it returns the period before", func(t *testing.T) { // TM1
		p, _, _ := start()
		for _, c := range []struct{ set, before time.Duration }{{5, 0}, {10, 5}, {0, 10}, {-1, 0}, {3, 0}} {
			if got := p.SetTimeout(p, c.set); got != c.before {
				t.Fatalf("SetTimeout(%d) = %d, want %d", c.set, got, c.before)
			}
		}
	})
	t.Run("after the time was up a reset does nothing", func(t *testing.T) { // TM2
		p, _, clock := start()
		p.SetTimeout(p, 5*time.Second)
		clock.Advance(5 * time.Second)
		p.ResetTimeout()
		if len(clock.GetDelayedCalls()) != 0 {
			t.Fatal("a call is pending")
		}
	})
	t.Run("the outer value's TimeoutConnection may set it anew", func(t *testing.T) { // TM3
		o, clock := &ownTimeout{again: 3 * time.Second}, &task.Clock{}
		o.Clock = clock
		transport := connect(o)
		o.SetTimeout(o, 5*time.Second)
		clock.Pump(5*time.Second, 3*time.Second, 3*time.Second)
		if o.timedOut != 3 || transport.Disconnecting() {
			t.Fatalf("timed out %d times, disconnecting %v", o.timedOut, transport.Disconnecting())
		}
	})
	t.Run("it outlives the connection", func(t *testing.T) { // TM4
		p, _, clock := start()
		p.SetTimeout(p, 5*time.Second)
		p.ConnectionLost(errStop)
		if len(clock.GetDelayedCalls()) != 1 {
			t.Fatal("cancelled by nobody")
		}
	})
	t.Run("a value without connection and TimeoutConnection is named", func(t *testing.T) {
		m := &protocols.TimeoutMixin{Clock: &task.Clock{}}
		if said := mustPanic(t, func() { m.SetTimeout(m, 1) }); !strings.Contains(said, "TimeoutConnection()") {
			t.Fatalf("panicked with %q", said)
		}
	})
}
