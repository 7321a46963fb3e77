//go:build linux

package gnetreactor

import (
	"net"
	"slices"
	"testing"
	"time"

	"proxyherd/reactor"
	"proxyherd/reactor/deferred"
)

// fakeTurns is a turnClock whose time the test moves, and what it has told.
type fakeTurns struct {
	turnClock
	now  time.Duration
	told []SlowTurn
}

func newFakeTurns(limit time.Duration) *fakeTurns {
	f := &fakeTurns{}
	f.turnClock = newTurnClock(limit, false, func(s SlowTurn) { f.told = append(f.told, s) })
	f.clock = func() time.Duration { return f.now }
	return f
}

// after is a callback that takes a time.
func (f *fakeTurns) after(took time.Duration, what string, of any) {
	f.now += took
	f.ran(what, of)
}

func TestATurnIsCountedWhereItBelongs(t *testing.T) {
	f := newFakeTurns(10 * time.Millisecond)
	for _, test := range []struct {
		took  time.Duration
		count int
	}{
		{0, 0}, {10 * time.Microsecond, 0}, {10*time.Microsecond + 1, 1}, {999 * time.Microsecond, 6},
		{time.Second, len(TurnBounds) - 1}, {time.Second + 1, len(TurnBounds)}, {time.Hour, len(TurnBounds)},
	} {
		before := f.wall.counts
		sum := f.wall.sum
		f.now += time.Hour // waiting for events does not count
		f.begin()
		f.after(test.took, wasFlush, nil)
		f.end()
		before[test.count]++
		if f.wall.counts != before || f.wall.sum != sum+test.took {
			t.Errorf("%v: counts %v, want %v; sum %v", test.took, f.wall.counts, before, f.wall.sum)
		}
	}
	if !slices.IsSorted(TurnBounds[:]) {
		t.Errorf("the bounds %v are not in order", TurnBounds)
	}
}

func TestOnlyASlowTurnIsTold(t *testing.T) {
	const limit = 10 * time.Millisecond
	f := newFakeTurns(limit)
	turn := func(took ...time.Duration) {
		f.begin()
		for _, d := range took {
			f.after(d, wasTimer, f.begin)
			f.begin() // it has begun already
		}
		f.end()
		f.end() // it has ended already
	}
	turn(limit)
	turn(limit-1, 1)
	if len(f.told) != 0 || f.slow != 0 {
		t.Fatalf("told of %v", f.told)
	}
	f.now += time.Second
	began := f.base.Add(f.now)
	turn(2*time.Millisecond, limit, time.Millisecond)
	want := SlowTurn{
		Began: began, Took: limit + 3*time.Millisecond, Callbacks: 3, CallbackTook: limit,
		Callback: "timer proxyherd/reactor/gnetreactor.(*turnClock).begin",
	}
	if len(f.told) != 1 || f.slow != 1 || f.told[0] != want {
		t.Errorf("told of %+v, want %+v", f.told, want)
	}
	turn(limit + 1)
	if len(f.told) != 2 || f.slow != 2 {
		t.Errorf("told of %d slow turns and counted %d, want 2", len(f.told), f.slow)
	}
}

func TestTheReactorsOwnWorkIsInTheTurnAndInNoCallback(t *testing.T) {
	f := newFakeTurns(time.Millisecond)
	f.begin()
	f.now += 5 * time.Millisecond
	f.skip()
	f.after(2*time.Millisecond, wasPosted, nil)
	f.now += 5 * time.Millisecond
	f.skipTo(f.base.Add(f.now))
	f.skipTo(f.base) // an earlier reading changes nothing
	f.after(time.Millisecond, wasTimer, nil)
	f.end()
	if len(f.told) != 1 || f.told[0].Took != 13*time.Millisecond || f.told[0].Callback != wasPosted || f.told[0].CallbackTook != 2*time.Millisecond {
		t.Errorf("told of %+v", f.told)
	}
}

func TestTheSlowestTurnIsOfTheLastOneToTwoMinutes(t *testing.T) {
	r := New(Config{SlowTurn: time.Hour})
	now := time.Duration(0)
	r.turns.clock = func() time.Duration { return now }
	turn := func(took time.Duration) {
		r.turns.begin()
		now += took
		r.turns.ran(wasFlush, nil)
		r.turns.end()
	}
	for _, step := range []struct{ at, took, slowest time.Duration }{
		{0, 5 * time.Millisecond, 5 * time.Millisecond},
		{30 * time.Second, 3 * time.Millisecond, 5 * time.Millisecond},
		{70 * time.Second, 2 * time.Millisecond, 5 * time.Millisecond},
		{121 * time.Second, time.Millisecond, 2 * time.Millisecond},
		{182 * time.Second, 0, time.Millisecond},
		{10 * time.Minute, 0, 0},
		{10*time.Minute + time.Second, 4 * time.Millisecond, 4 * time.Millisecond},
		{11*time.Minute + 30*time.Second, 0, 4 * time.Millisecond},
		{12*time.Minute + time.Second, 0, 0},
	} {
		now = step.at
		turn(step.took)
		if got := r.Turns().Slowest; got.Took != step.slowest || (got.Took > 0) != (got.Callback == wasFlush) {
			t.Errorf("after %v the slowest turn is %+v, want %v", step.at, got, step.slowest)
		}
	}
}

func TestAReactorThatMeasuresNothingTellsNothing(t *testing.T) {
	r, _ := newTestReactor(t, Config{OnSlowTurn: func(s SlowTurn) { t.Errorf("told of %+v", s) }})
	r.CallWhenRunning(func() {
		r.CallLater(0, func() {
			if told := r.Turns(); told != (Turns{}) {
				t.Errorf("it has measured %+v", told)
			}
			stop(r)
		})
	})
	run(t, r)
}

// slowTime is a reactor's time that stands still but in callbacks that are slow, so
// that no turn is slow because the machine is.
type slowTime struct{ now time.Duration }

// pass is what a slow callback does.
func (s *slowTime) pass() { s.now += 5 * time.Millisecond }

// on has a reactor measure its turns by it.
func (s *slowTime) on(r *Reactor) {
	r.turns.base = time.Now().Add(time.Hour) // so that what the real clock says is always past
	r.turns.clock = func() time.Duration { return s.now }
}

// slowpoke is slow to receive.
type slowpoke struct {
	conversation
	*slowTime
}

func (s *slowpoke) DataReceived(_ reactor.Protocol, data []byte) error {
	s.pass()
	s.transport.Write(data)
	s.transport.LoseConnection()
	return nil
}

// slowEnd is slow when its connection is lost, which it is in a flush.
type slowEnd struct {
	conversation
	*slowTime
}

func (s *slowEnd) ConnectionMade()      { s.transport.LoseConnection() }
func (s *slowEnd) ConnectionLost(error) { s.pass() }

// slowMaker is slow to make a protocol.
type slowMaker struct {
	builder
	*slowTime
}

func (m *slowMaker) BuildProtocol(reactor.Address) reactor.Protocol {
	m.pass()
	return nil
}

// TestASlowCallbackIsNamed has each kind of callback be slow.
func TestASlowCallbackIsNamed(t *testing.T) {
	const method = " proxyherd/reactor/gnetreactor.(*slowTime).pass"
	for _, test := range []struct {
		want  string
		cause func(t *testing.T, r *Reactor, s *slowTime)
	}{
		{"I/O of *gnetreactor.slowpoke", func(t *testing.T, r *Reactor, s *slowTime) {
			number := listen(t, r, &builder{build: func(reactor.Address) reactor.Protocol { return &slowpoke{slowTime: s} }})
			r.CallWhenRunning(func() { say(t, dial(t, number), "x") })
		}},
		{"I/O of *gnetreactor.slowEnd", func(t *testing.T, r *Reactor, s *slowTime) {
			number := listen(t, r, &builder{build: func(reactor.Address) reactor.Protocol { return &slowEnd{slowTime: s} }})
			r.CallWhenRunning(func() { dial(t, number) })
		}},
		{"I/O of *gnetreactor.slowMaker", func(t *testing.T, r *Reactor, s *slowTime) {
			number := listen(t, r, &slowMaker{slowTime: s})
			r.CallWhenRunning(func() { dial(t, number) })
		}},
		{"I/O of *gnetreactor.slowMaker", func(t *testing.T, r *Reactor, s *slowTime) { // as a client
			number := listen(t, r, each(func() *conversation { return &conversation{} }))
			r.ConnectTCP("127.0.0.1", number, &slowMaker{slowTime: s}, 0, nil)
		}},
		{"posted call" + method, func(_ *testing.T, r *Reactor, s *slowTime) { r.CallFromThread(s.pass) }},
		{"timer" + method, func(_ *testing.T, r *Reactor, s *slowTime) { r.CallLater(0, s.pass) }},
		{wasShutdown, func(t *testing.T, r *Reactor, s *slowTime) {
			if _, err := r.AddSystemEventTrigger(reactor.During, "shutdown", func() *deferred.Deferred[struct{}] { s.pass(); return nil }); err != nil {
				t.Fatal(err)
			}
			r.CallWhenRunning(func() { stop(r) })
		}},
	} {
		t.Run(test.want, func(t *testing.T) {
			var r *Reactor
			var told []SlowTurn
			r, _ = newTestReactor(t, Config{SlowTurn: 4 * time.Millisecond, OnSlowTurn: func(s SlowTurn) {
				if told = append(told, s); test.want != wasShutdown {
					stop(r)
				}
			}})
			s := &slowTime{}
			s.on(r)
			test.cause(t, r, s)
			run(t, r)
			if len(told) != 1 {
				t.Fatalf("told of %+v", told)
			}
			if got := told[0]; got.Callback != test.want || got.Took != s.now || got.CallbackTook != s.now || got.Callbacks < 1 || got.Began != r.turns.base {
				t.Errorf("the slow turn was %+v", got)
			}
			if all := r.Turns(); all.Slow != 1 || all.Slowest != told[0] || all.Sum != s.now || all.ThreadSum != 0 {
				t.Errorf("it has measured %+v", all)
			}
		})
	}
}

func TestAPanicInOnSlowTurnIsLogged(t *testing.T) {
	r, log := newTestReactor(t, Config{SlowTurn: 1, OnSlowTurn: func(SlowTurn) { panic("too slow for me") }})
	log.wanted = true
	r.CallWhenRunning(func() { r.CallLater(0, func() { stop(r) }) })
	run(t, r)
	if !slices.Contains(log.texts, "in OnSlowTurn") {
		t.Errorf("the log has %q", log.texts)
	}
}

func say(t *testing.T, c net.Conn, text string) {
	t.Helper()
	if _, err := c.Write([]byte(text)); err != nil {
		t.Error(err)
	}
}
