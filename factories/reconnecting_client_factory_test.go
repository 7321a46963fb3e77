package factories_test

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"proxyherd/factories"
	"proxyherd/protocols"
	"proxyherd/reactor"
	"proxyherd/reactor/reactortest"
	"proxyherd/reactor/task"
)

// reconnecting is a client that is never built.
type reconnecting struct {
	factories.ReconnectingClientFactory
}

func (*reconnecting) BuildProtocol(reactor.Address) reactor.Protocol { return &protocols.Protocol{} }

// exact makes a factory whose waits are exact, and its clock.
func exact() (*reconnecting, *task.Clock) {
	f, clock := &reconnecting{}, &task.Clock{}
	f.Clock, f.Jitter = clock, factories.NoJitter
	return f, clock
}

// waits loses the connection n times and notes how long each wait was.
func waits(f *reconnecting, clock *task.Clock, n int) []time.Duration {
	c := fakeConnector()
	var waited []time.Duration
	for range n {
		f.ClientConnectionLost(c, errAny)
		due := clock.GetDelayedCalls()[0].GetTime().Sub(clock.Seconds())
		waited = append(waited, due)
		clock.Advance(due)
	}
	return waited
}

func TestReconnectingDelays(t *testing.T) {
	t.Run("grow by e from one second to an hour", func(t *testing.T) { // RC1, RC6, RC7
		f, clock := exact()
		want := []float64{2.7183, 7.3891, 20.0855, 54.5982, 148.4132, 403.4288, 1096.6332, 2980.958, 3600, 3600}
		got := waits(f, clock, len(want))
		for i := range want {
			if math.Round(got[i].Seconds()*1e4)/1e4 != want[i] {
				t.Errorf("wait %d is %v, want %v s", i+1, got[i], want[i])
			}
		}
		if f.Retries != len(want) {
			t.Fatalf("%d retries", f.Retries)
		}
	})
	t.Run("follow the settings, the first wait too", func(t *testing.T) { // RC13
		f, clock := exact()
		f.InitialDelay, f.Factor, f.MaxDelay = 200*time.Millisecond, 3, 5*time.Second
		same(t, "waits", waits(f, clock, 5), 600*time.Millisecond, 1800*time.Millisecond, 5*time.Second, 5*time.Second, 5*time.Second)
	})
	t.Run("have jitter after the maximum, and grow from the result", func(t *testing.T) { // RC6, RC8
		f, clock := exact()
		f.InitialDelay, f.Factor, f.MaxDelay, f.Jitter = time.Second, 2, 4*time.Second, 0.1
		draws := []float64{+1, -1, +1, 0, -20}
		f.NormFloat64 = func() float64 { next := draws[0]; draws = draws[1:]; return next }
		same(t, "waits", waits(f, clock, 5),
			2200*time.Millisecond, // 2 s + 10 %
			3600*time.Millisecond, // 4.4 s, cut to 4, - 10 %
			4400*time.Millisecond, // cut to 4, + 10 %: above the maximum
			4*time.Second,
			0) // never negative
	})
	t.Run("have Twisted's jitter by default", func(t *testing.T) { // RC1
		f, clock := exact()
		f.Jitter = 0
		f.NormFloat64 = func() float64 { return 1 }
		mean := float64(time.Second) * math.E
		want := time.Duration(mean + 0.11962656472*mean)
		if got := waits(f, clock, 1)[0]; (got - want).Abs() > time.Nanosecond {
			t.Fatalf("waited %v, want %v", got, want)
		}
		f.NormFloat64 = nil
		f.ResetDelay()
		spread := map[time.Duration]bool{}
		for range 20 {
			spread[waits(f, clock, 1)[0]] = true
			f.ResetDelay()
		}
		if len(spread) < 2 {
			t.Fatalf("20 waits were all the same: %v", spread)
		}
	})
}

func TestReconnecting(t *testing.T) {
	t.Run("a failure and a loss are both retried, on the factory's clock", func(t *testing.T) { // RC2, RC10
		for _, report := range []func(*reconnecting, reactor.Connector, error){
			func(f *reconnecting, c reactor.Connector, err error) { f.ClientConnectionFailed(c, err) },
			func(f *reconnecting, c reactor.Connector, err error) { f.ClientConnectionLost(c, err) },
		} {
			f, clock := exact()
			c := fakeConnector()
			report(f, c, errAny)
			if len(clock.GetDelayedCalls()) != 1 || c.Connects != 0 || f.Connector != reactor.Connector(c) {
				t.Fatalf("%d calls pending, connector %+v", len(clock.GetDelayedCalls()), c)
			}
			clock.Advance(3 * time.Second)
			if c.Connects != 1 {
				t.Fatalf("connected %d times", c.Connects)
			}
		}
	})
	t.Run("without a connector there is nothing to retry", func(t *testing.T) { // RC4
		f, _ := exact()
		if err := f.Retry(nil); !errors.Is(err, factories.ErrNoConnector) || f.Retries != 0 {
			t.Fatalf("Retry = %v", err)
		}
		c := fakeConnector()
		f.StartedConnecting(c)
		if err := f.Retry(nil); err != nil || f.Retries != 1 {
			t.Fatalf("Retry = %v", err)
		}
	})
	t.Run("two retries mean exactly two", func(t *testing.T) { // RC5, RC9
		f, clock := exact()
		f.MaxRetries = 2
		log := &memoryLog{}
		f.Log = log
		c := &shy{fakeConnector()}
		for range 4 {
			f.ClientConnectionFailed(c, errAny)
			clock.Advance(time.Hour)
		}
		if c.Connects != 2 {
			t.Fatalf("connected %d times", c.Connects)
		}
		same(t, "log", log.lines,
			"ReconnectingClientFactory: shy connector will retry in 2 seconds",
			"ReconnectingClientFactory: shy connector will retry in 7 seconds",
			"ReconnectingClientFactory: Abandoning shy connector after 3 retries.",
			"ReconnectingClientFactory: Abandoning shy connector after 4 retries.")
	})
	t.Run("two losses make two attempts, and the second may come too late", func(t *testing.T) { // RC14
		f, clock := exact()
		log := &memoryLog{}
		f.Log = log
		c := &busy{fakeConnector()}
		f.ClientConnectionLost(c, errAny)
		f.ClientConnectionLost(c, errAny)
		if n := len(clock.GetDelayedCalls()); n != 2 {
			t.Fatalf("%d calls pending", n)
		}
		clock.Advance(time.Hour)
		if c.Connects != 1 || !strings.Contains(log.lines[len(log.lines)-1], reactor.ErrConnectorBusy.Error()) {
			t.Fatalf("connected %d times; %q", c.Connects, log.lines)
		}
	})
	t.Run("resetting begins the waits anew and leaves the pending one", func(t *testing.T) { // RC12
		f, clock := exact()
		c := fakeConnector()
		waits(f, clock, 3)
		f.ClientConnectionLost(c, errAny)
		f.ResetDelay()
		if f.Retries != 0 || f.Delay != 0 {
			t.Fatalf("retries %d, delay %v", f.Retries, f.Delay)
		}
		f.StopTrying() // knows nothing of the wait any more
		clock.Advance(time.Hour)
		if c.Connects != 1 {
			t.Fatalf("connected %d times", c.Connects)
		}
		f.ResetDelay()
		if got := waits(f, clock, 1)[0].Truncate(time.Millisecond); got != 2718*time.Millisecond {
			t.Fatalf("waited %v", got)
		}
	})
	t.Run("it cannot start without a clock", func(t *testing.T) { // RC10
		f := &reconnecting{}
		if said := mustPanic(t, func() { f.DoStart(f) }); !strings.Contains(said, "reconnecting needs its Clock") {
			t.Fatalf("panicked with %q", said)
		}
	})
}

// shy has a name for the log.
type shy struct{ *reactortest.FakeConnector }

func (*shy) String() string { return "shy connector" }

// busy refuses to connect while it connects.
type busy struct{ *reactortest.FakeConnector }

func (b *busy) Connect() error {
	if b.Now == reactor.Connecting {
		return reactor.ErrConnectorBusy
	}
	return b.FakeConnector.Connect()
}
