package reactortest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"proxyherd/reactor"
)

// chatter is a run of a network with everything that is left to chance in it:
// five reactors that talk, links that jitter, cut, and heal. It returns the
// trace.
func chatter(t *testing.T, seed uint64) string {
	t.Helper()
	var trace strings.Builder
	n := NewNetwork(Options{
		Seed:  seed,
		Link:  Link{Latency: time.Millisecond, Jitter: 5 * time.Millisecond, BytesPerSecond: 1 << 20, Chunked: true},
		Trace: func(e Event) { trace.WriteString(e.String() + "\n") },
	})
	var reactors []*Reactor
	for i := range 5 {
		r := n.Reactor(fmt.Sprintf("r%d", i))
		reactors = append(reactors, r)
		echo := &director{build: func(reactor.Address) reactor.Protocol {
			return &actor{received: func(a *actor, data []byte) error { a.Write(data); return nil }}
		}}
		if _, err := r.ListenTCP(100, echo, 0, fmt.Sprintf("10.0.0.%d", i)); err != nil {
			t.Fatal(err)
		}
	}
	for i, r := range reactors {
		for j := range reactors {
			c := &actor{made: func(a *actor) { a.Write(pattern(300 * (i + 1))) }}
			c.received = func(a *actor, _ []byte) error {
				if len(a.data) > 2000 {
					a.LoseConnection()
				}
				a.Write([]byte("more"))
				return nil
			}
			r.CallLater(time.Duration(j)*time.Millisecond, func() {
				r.ConnectTCP(fmt.Sprintf("10.0.0.%d", j), 100, casting(c), 0, nil)
			})
		}
	}
	for round := range 5 {
		n.Advance(20 * time.Millisecond)
		n.Cut(reactors[round].Name(), reactors[(round+1)%5].Name())
		n.Advance(20 * time.Millisecond)
		n.Heal(reactors[round].Name(), reactors[(round+1)%5].Name())
	}
	reactors[4].Kill()
	n.Advance(time.Second)
	return trace.String()
}

func TestTheSameSeedGivesTheSameTrace(t *testing.T) {
	first := chatter(t, 42)
	for _, kind := range []EventKind{
		ReactorStarted, PortOpened, Dialled, ConnectionMade, Accepted, Sent, Received, ConnectionLost,
		LinkCut, LinkHealed, PortClosed, ReactorKilled,
	} {
		if !strings.Contains(first, string(kind)) {
			t.Errorf("the trace has no event %q: it shows too little", kind)
		}
	}
	if lines := strings.Count(first, "\n"); lines < 1000 {
		t.Errorf("the trace has only %d lines", lines)
	}
	for range 3 {
		if chatter(t, 42) != first {
			t.Fatal("the same seed gave another trace")
		}
	}
	if chatter(t, 43) == first {
		t.Error("another seed gave the same trace")
	}
}

func TestAnEventIsOneLine(t *testing.T) {
	s := newScene(t, Options{})
	server, client := &actor{}, &actor{made: func(a *actor) { a.Write([]byte("hello")); a.LoseConnection() }}
	if _, err := s.farmar.ListenTCP(12000, casting(server), 0, "127.0.0.1"); err != nil {
		t.Fatal(err)
	}
	s.gasol.ConnectTCP("127.0.0.1", 12000, casting(client), 0, nil)
	s.Settle(minute)
	want := []string{
		"00:00:00.000000000 Farmar opened a port 127.0.0.1:12000",
		"00:00:00.000000000 Farmar started",
		"00:00:00.000000000 Gasol started",
		"00:00:00.000000000 Gasol dialled 127.0.0.1:32768 with 127.0.0.1:12000",
		"00:00:00.000000000 Farmar accepted 127.0.0.1:12000 with 127.0.0.1:32768",
		"00:00:00.000000000 Gasol connected 127.0.0.1:32768 with 127.0.0.1:12000",
		"00:00:00.000000000 Gasol sent 127.0.0.1:32768 with 127.0.0.1:12000: 5 bytes",
		"00:00:00.000000000 Gasol lost 127.0.0.1:32768 with 127.0.0.1:12000: connection was closed cleanly",
		"00:00:00.000000000 Farmar received 127.0.0.1:12000 with 127.0.0.1:32768: 5 bytes",
		"00:00:00.000000000 Farmar lost 127.0.0.1:12000 with 127.0.0.1:32768: connection was closed cleanly",
	}
	if !slices.Equal(s.events, want) {
		t.Errorf("the trace is\n%s\nwant\n%s", strings.Join(s.events, "\n"), strings.Join(want, "\n"))
	}
}

func TestDriving(t *testing.T) {
	t.Run("Advance stands at its end, whatever happened", func(t *testing.T) {
		start := time.Date(2013, 11, 8, 0, 0, 0, 0, time.UTC)
		s := newScene(t, Options{Start: start})
		var at []time.Duration
		s.farmar.CallLater(time.Second, func() { at = append(at, s.farmar.Seconds().Sub(start)) })
		s.farmar.CallLater(3*time.Second, func() { at = append(at, s.farmar.Seconds().Sub(start)) })
		s.Advance(2 * time.Second)
		if got := s.Seconds().Sub(start); got != 2*time.Second || !slices.Equal(at, []time.Duration{time.Second}) {
			t.Errorf("it stands at %v, with calls at %v", got, at)
		}
	})

	t.Run("RunUntil stops when its condition holds", func(t *testing.T) {
		s := newScene(t, Options{})
		rang := false
		s.farmar.CallLater(time.Second, func() { rang = true })
		if s.RunUntil(func() bool { return rang }, time.Second-1) {
			t.Error("the condition held too early")
		}
		if !s.RunUntil(func() bool { return rang }, minute) || s.after() != time.Second {
			t.Errorf("the condition did not hold at %v", s.after())
		}
	})

	t.Run("Settle leaves timers to their time", func(t *testing.T) {
		s := newScene(t, Options{Link: Link{Latency: time.Second}, MaxTurns: 1000})
		server, client := &actor{name: "server"}, &actor{made: func(a *actor) { a.Write([]byte("x")) }}
		s.farmar.CallLater(time.Hour, func() { t.Error("Settle ran a timer of a later time") })
		s.meet(server, client)
		s.wantData(server, "x")
		client.Write([]byte("y"))
		if s.Settle(time.Second / 2) {
			t.Error("it settled while a byte was on its way")
		}
		var again func()
		again = func() { s.farmar.CallLater(0, again) }
		again()
		wantPanicOf(t, "a call that schedules itself with no delay", func() { s.Settle(minute) })
	})

	t.Run("a callback must not drive", func(t *testing.T) {
		s := newScene(t, Options{})
		checked := 0
		s.farmar.CallWhenRunning(func() {
			for _, drive := range []func(){
				func() { s.Advance(1) },
				func() { s.Settle(1) },
				func() { s.gasol.Kill() },
				func() { s.RunUntil(func() bool { return true }, 1) },
			} {
				wantPanicOf(t, "driving from a callback", drive)
				checked++
			}
			wantIs(t, s.farmar.Run(), reactor.ErrReactorAlreadyRunning)
		})
		s.Advance(1)
		if checked != 4 {
			t.Errorf("%d ways of driving were checked, want 4", checked)
		}
	})

	t.Run("what cannot be meant panics", func(t *testing.T) {
		s := newScene(t, Options{})
		wantPanicOf(t, "a second Farmar", func() { s.Reactor("Farmar") })
		wantPanicOf(t, "a negative window", func() { NewNetwork(Options{Window: -1}) })
		wantPanicOf(t, "a negative job time", func() { NewNetwork(Options{JobTime: -1}) })
		wantPanicOf(t, "a negative number of turns", func() { NewNetwork(Options{MaxTurns: -1}) })
		wantPanicOf(t, "a negative latency", func() { NewNetwork(Options{Link: Link{Latency: -1}}) })
		wantPanicOf(t, "a negative bandwidth", func() { s.SetLink("Farmar", "Gasol", Link{BytesPerSecond: -1}) })
	})

	t.Run("Run with nothing to do waits for a goroutine", func(t *testing.T) {
		n := NewNetwork(Options{})
		r := n.Reactor("Farmar")
		var posting sync.WaitGroup
		r.CallWhenRunning(func() {
			posting.Go(func() { r.CallFromThread(func() { r.CallLater(time.Hour, func() { _ = r.Stop() }) }) })
		})
		if err := r.Run(); err != nil {
			t.Fatal(err)
		}
		posting.Wait()
		if waited := n.Seconds().Sub(time.Unix(0, 0)); waited != time.Hour {
			t.Errorf("it ran for %v, want the hour of its timer", waited)
		}
	})
}

func TestReactorsTakeTurns(t *testing.T) {
	s := newScene(t, Options{})
	s.Advance(0) // both have started
	var order []string
	for _, r := range []*Reactor{s.farmar, s.gasol} {
		left := 3
		var again func()
		again = func() {
			order = append(order, r.Name())
			if left--; left > 0 {
				r.CallFromThread(again)
			}
		}
		r.CallFromThread(again)
	}
	s.Settle(minute)
	if got := strings.Join(order, " "); got != "Farmar Gasol Farmar Gasol Farmar Gasol" {
		t.Errorf("the turns were %s", got)
	}
}

func TestJobs(t *testing.T) {
	for _, c := range []struct {
		name    string
		workers int
		want    []time.Duration
	}{
		{"one worker does one after the other", 1, []time.Duration{1, 2, 3, 4}},
		{"two workers do two at once", 2, []time.Duration{1, 1, 2, 2}},
		{"there is always one", -5, []time.Duration{1, 2, 3, 4}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newScene(t, Options{JobTime: 1})
			s.farmar.SuggestThreadPoolSize(c.workers)
			var ended []time.Duration
			for range 4 {
				s.farmar.CallInThread(func() {
					s.farmar.CallFromThread(func() { ended = append(ended, s.after()) })
				})
			}
			s.Settle(minute)
			if !slices.Equal(ended, c.want) {
				t.Errorf("results came at %v, want %v", ended, c.want)
			}
		})
	}
	t.Run("a lookup after the end fails", func(t *testing.T) {
		s := newScene(t, Options{})
		s.farmar.CallWhenRunning(func() { _ = s.farmar.Stop() })
		s.Advance(1)
		var failure error
		s.farmar.Resolve("localhost").AddErrback(func(err error) (string, error) { failure = err; return "", nil })
		wantIs(t, failure, reactor.ErrDNSLookup)
	})
}

func TestNoteOfAReactor(t *testing.T) {
	var lines []string
	n := NewNetwork(Options{Log: logFunc(func(line string) { lines = append(lines, line) })})
	r := n.Reactor("Farmar")
	r.CallWhenRunning(func() {
		r.CallLater(0, func() { panic(errors.New("boom")) })
		r.CallLater(0, func() { _ = r.Stop() })
	})
	n.Advance(1)
	want := []string{"Farmar reactor: in a delayed call: panic in a callback: boom", "Farmar reactor: Main loop terminated."}
	if !slices.Equal(lines, want) {
		t.Errorf("logged %q, want %q", lines, want)
	}
	if got := fmt.Sprint(r); got != `reactor "Farmar"` {
		t.Errorf("it is called %s", got)
	}
}

type logFunc func(line string)

func (f logFunc) Msg(prefix, message string) { f(prefix + ": " + message) }
func (f logFunc) Err(prefix string, err error, why string) {
	f(prefix + ": " + why + ": " + err.Error())
}
