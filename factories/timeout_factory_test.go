package factories_test

import (
	"testing"
	"time"

	"proxyherd/factories"
	"proxyherd/reactor/task"
)

func timingOut() (*factories.TimeoutFactory, *innerFactory, *task.Clock) {
	in, clock := &innerFactory{}, &task.Clock{}
	return &factories.TimeoutFactory{
		WrappingFactory: factories.WrappingFactory{WrappedFactory: in},
		Clock:           clock, TimeoutPeriod: 3 * time.Second,
	}, in, clock
}

func TestTimeoutFactory(t *testing.T) {
	t.Run("a silent connection is lost after the period", func(t *testing.T) { // TO1, TO2
		f, _, clock := timingOut()
		_, transport := connect(t, f)
		clock.Advance(3*time.Second - 1)
		if !transport.Connected() {
			t.Fatal("lost too early")
		}
		clock.Advance(1)
		if transport.Connected() {
			t.Fatal("still connected")
		}
	})
	t.Run("the time runs from when the protocol was built", func(t *testing.T) { // TO1
		f, _, clock := timingOut()
		p := f.BuildProtocol(anyAddress)
		if n := len(clock.GetDelayedCalls()); n != 1 {
			t.Fatalf("%d calls pending", n)
		}
		clock.Advance(time.Minute) // without a connection there is nothing to lose
		if p == nil || len(clock.GetDelayedCalls()) != 0 {
			t.Fatalf("%v, %d calls pending", p, len(clock.GetDelayedCalls()))
		}
	})
	t.Run("each write starts the period over", func(t *testing.T) { // TO2
		f, in, clock := timingOut()
		_, transport := connect(t, f)
		for range 5 {
			clock.Advance(2 * time.Second)
			in.built[0].Transport.Write([]byte("x"))
			clock.Advance(2 * time.Second)
			in.built[0].Transport.WriteSequence([][]byte{[]byte("y")})
		}
		if !transport.Connected() || transport.Value() != "xyxyxyxyxy" {
			t.Fatalf("connected %v, wrote %q", transport.Connected(), transport.Value())
		}
		clock.Advance(3 * time.Second)
		if transport.Connected() {
			t.Fatal("still connected")
		}
	})
	t.Run("all that is received starts the period over", func(t *testing.T) { // TO2
		f, in, clock := timingOut()
		p, transport := connect(t, f)
		for range 5 {
			clock.Advance(2 * time.Second)
			if err := p.DataReceived(p, []byte("x")); err != nil {
				t.Fatal(err)
			}
		}
		if !transport.Connected() || len(in.events) != 6 {
			t.Fatalf("connected %v, events %q", transport.Connected(), in.events)
		}
		clock.Advance(3 * time.Second)
		if transport.Connected() {
			t.Fatal("still connected")
		}
	})
	t.Run("the end of the connection stops the time", func(t *testing.T) { // TO2
		f, _, clock := timingOut()
		_, transport := connect(t, f)
		transport.LoseConnection()
		if n := len(clock.GetDelayedCalls()); n != 0 {
			t.Fatalf("%d calls pending", n)
		}
	})
	t.Run("a period can be set, started over and cancelled", func(t *testing.T) { // TO2
		f, _, clock := timingOut()
		p, transport := connect(t, f)
		timeout := p.(*factories.TimeoutProtocol)
		timeout.SetTimeout(10 * time.Second)
		clock.Advance(9 * time.Second)
		timeout.SetTimeout(0) // the same period again
		clock.Advance(9 * time.Second)
		timeout.CancelTimeout()
		timeout.ResetTimeout()
		clock.Advance(time.Hour)
		if !transport.Connected() {
			t.Fatal("lost")
		}
		timeout.SetTimeout(0)
		clock.Advance(10 * time.Second)
		if transport.Connected() {
			t.Fatal("still connected")
		}
	})
	t.Run("the default is half an hour", func(t *testing.T) { // TO1
		f, _, clock := timingOut()
		f.TimeoutPeriod = 0
		_, transport := connect(t, f)
		clock.Advance(1800*time.Second - 1)
		early := !transport.Connected()
		clock.Advance(1)
		if early || transport.Connected() {
			t.Fatalf("too early %v, connected %v", early, transport.Connected())
		}
	})
}
