package herdtest

import (
	"bufio"
	"context"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"os"
	"slices"
	"testing"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/freeport"
	"proxyherd/herd/reactorherd"
	"proxyherd/herd/upstream"
	"proxyherd/reactor/gnetreactor"
)

// turnMost is what one callback should take at most of the processor's time, and
// one turn of any time: half of the turn that is worth a line in the log. How many
// took longer is reported and not judged: on a machine that is shared, a thread is
// charged for what others do, and a turn waits for them.
const turnMost = 5 * time.Millisecond

// Every callback of two servers on gnet's poller is timed while they take many
// records from a client, while one that was restarted is sent all of them, and
// while the two find out and exchange what differs after a cut. HERD_LONG=1 makes
// them a million.
func TestHowLongCallbacksHoldTheLoop(t *testing.T) {
	records := 20_000
	if os.Getenv("HERD_LONG") == "1" {
		records = 1_000_000
	}
	p := newPair(t)
	p.start(t, "A")
	p.start(t, "B")
	p.untilSame(t, 0)
	p.tell(t, "A", 0, records, 1, 1)
	p.untilSame(t, records)
	p.report(t, "every record is new")

	p.stop(t, "B")
	p.start(t, "B")
	p.untilSame(t, records)
	p.report(t, "one server gets all records back")

	p.onLoop(t, "A", func(s *timedServer) { s.watch.cut() })
	p.onLoop(t, "B", func(s *timedServer) { s.watch.cut() })
	p.tell(t, "A", 0, records, 10, 2)   // every tenth client moves
	p.tell(t, "B", 5, records, 100, 2)  // so do others, elsewhere
	p.tell(t, "B", records, 1000, 1, 1) // and some are new
	p.onLoop(t, "A", func(s *timedServer) { s.watch.heal() })
	p.onLoop(t, "B", func(s *timedServer) { s.watch.heal() })
	p.untilSame(t, records+1000)
	p.report(t, "what differs is exchanged")
	p.stop(t, "A")
	p.stop(t, "B")
}

// pair is two servers that talk to each other, each on a loop of its own in this
// process.
type pair struct {
	config  herd.Config
	running map[string]*timedServer
	began   time.Time // of what the next report is about
}

type timedServer struct {
	*reactorherd.Server
	loop  *gnetreactor.Reactor
	watch *stopwatch
	ended chan error

	turns, slow uint64 // at the last report
}

func newPair(t *testing.T) *pair {
	t.Helper()
	ports, err := freeport.Find(4)
	if err != nil {
		t.Fatal(err)
	}
	p := &pair{config: herd.Default(), running: map[string]*timedServer{}, began: time.Now()}
	p.config.Servers = []herd.Server{
		{Name: "A", Clients: ports[0], Peers: ports[1], TalksTo: []string{"B"}},
		{Name: "B", Clients: ports[2], Peers: ports[3], TalksTo: []string{"A"}},
	}
	t.Cleanup(func() {
		for _, s := range p.running {
			_ = s.halt() // the test has failed already
		}
	})
	return p
}

// nowhere is an upstream that nobody asks.
type nowhere struct{}

func (nowhere) Fetch(context.Context, upstream.Query) upstream.Result { return upstream.Result{} }

func (p *pair) start(t *testing.T, name string) {
	t.Helper()
	member, _ := p.config.Server(name)
	peers := netip.MustParseAddrPort(member.Peers).Port()
	loop := gnetreactor.New(gnetreactor.Config{NoSignalHandlers: true, SlowTurn: turnMost})
	watch := newStopwatch(loop, int(peers))
	server, err := reactorherd.New(watch, reactorherd.Options{
		Name: name, Config: p.config, Keys: [][]byte{[]byte(Secret)}, Upstream: nowhere{}, Kind: upstream.Twitter{},
	})
	if err == nil {
		err = server.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	s := &timedServer{Server: server, loop: loop, watch: watch, ended: make(chan error, 1)}
	p.running[name] = s
	go func() { s.ended <- watch.Run() }()
}

// halt ends a server as SIGTERM would.
func (s *timedServer) halt() error {
	s.watch.CallFromThread(func() { _ = s.watch.Stop() }) // it runs
	return <-s.ended
}

func (p *pair) stop(t *testing.T, name string) {
	t.Helper()
	s := p.running[name]
	delete(p.running, name)
	if err := s.halt(); err != nil {
		t.Fatal(err)
	}
}

// onLoop runs f on a server's loop, and waits for it.
func (p *pair) onLoop(t *testing.T, name string, f func(*timedServer)) {
	t.Helper()
	s, done := p.running[name], make(chan struct{})
	s.watch.CallFromThread(func() { f(s); close(done) })
	select {
	case <-done:
	case <-time.After(realPatience):
		t.Fatalf("%s's loop does not turn", name)
	}
}

// tell reports to a server every step-th of count clients from first on. Of two
// reports of a client the one with the greater digit, at, is newer.
func (p *pair) tell(t *testing.T, name string, first, count, step, at int) {
	t.Helper()
	member, _ := p.config.Server(name)
	conn, err := net.Dial("tcp", member.Clients)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	sent := make(chan error, 1)
	lines := 0
	for i := first; i < first+count; i += step {
		lines++
	}
	go func() {
		out := bufio.NewWriter(conn)
		for i := first; i < first+count; i += step {
			fmt.Fprintf(out, "IAMAT client-%d.example +34.068930-118.445127 147941388%d.392014450\n", i, at)
		}
		sent <- out.Flush() // a bufio.Writer keeps its first error
	}()
	answers := bufio.NewReaderSize(conn, 1<<16)
	for i := range lines {
		line, err := answers.ReadSlice('\n')
		if err != nil || string(line[:3]) != "AT " {
			t.Fatalf("answer %d is %q, %v", i, line, err)
		}
	}
	if err := <-sent; err != nil {
		t.Fatal(err)
	}
}

// untilSame waits until both servers say that they are in sync and have the same
// records, so many of them.
func (p *pair) untilSame(t *testing.T, records int) {
	t.Helper()
	var a, b herd.Status
	same := func() bool {
		p.onLoop(t, "A", func(s *timedServer) { a = s.Status() })
		p.onLoop(t, "B", func(s *timedServer) { b = s.Status() })
		return a.Root == b.Root && a.Records == records && a.Links[0].Sync == herd.InSync && b.Links[0].Sync == herd.InSync
	}
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for late := time.After(10 * realPatience); !same(); {
		select {
		case <-again.C:
		case <-late:
			t.Fatalf("the two have not come together: %+v, %+v", a, b)
		}
	}
}

// reportTurns tells how long turns have taken since the last report, each with all
// its callbacks and the flush; and of the slowest of the last minute.
func (s *timedServer) reportTurns(t *testing.T, name string) {
	got := s.loop.Turns()
	turns := uint64(0)
	for _, n := range got.Counts {
		turns += n
	}
	t.Logf("\t%s, turns: %d, over %v: %d; the slowest of late took %v, most of it %s", name,
		turns-s.turns, turnMost, got.Slow-s.slow, got.Slowest.Took, got.Slowest.Callback)
	s.turns, s.slow = turns, got.Slow
}

// report tells how long callbacks and turns have taken since the last report.
func (p *pair) report(t *testing.T, phase string) {
	t.Helper()
	t.Logf("%s: %v", phase, time.Since(p.began))
	for _, name := range []string{"A", "B"} {
		p.onLoop(t, name, func(s *timedServer) {
			if len(s.watch.calls) == 0 {
				t.Errorf("%s: %s has called nothing back", phase, name)
			}
			for _, what := range slices.Sorted(maps.Keys(s.watch.calls)) {
				got := s.watch.calls[what]
				t.Logf("\t%s, %-20s %6d calls, %9v each, %11v at most, over %v: %d", name, what,
					got.calls, got.total/time.Duration(got.calls), got.longest, turnMost, got.over)
			}
			clear(s.watch.calls)
			s.reportTurns(t, name)
		})
	}
	p.began = time.Now()
}
