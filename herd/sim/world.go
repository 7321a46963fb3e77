package sim

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/reactorherd"
	"proxyherd/herd/upstream"
	"proxyherd/reactor/reactortest"
)

// world is a herd, its clients and its network, while a fight runs.
type world struct {
	fight   *Fight
	watch   Watch
	part    map[string]bool // the names of the fight's Part
	mended  []*member       // those in the part, which must agree at the end
	config  herd.Config
	future  int64 // seconds
	network *reactortest.Network
	clients *reactortest.Reactor
	members []*member // in the order of the graph
	named   map[string]*member
	talkers map[string]*client // by name, each the one that connected last
	all     []*client          // in the order of connecting
	source  *source
	bus     *bus       // nil: the servers are linked
	random  *rand.Rand // for nonces and boots

	reports reports
	ledger  ledger
	wires   wires
	probe   probe
	verbs   [webPage + 1]int // what clients have said
	step    int              // acts done
	// scratch is a buffer for whoever needs one until it returns.
	scratch []byte
	// setBack is how far clocks were set back, in all. Real servers measure by a
	// clock that is never set; in memory they have no other, and a server takes so
	// much longer to find that a link is silent.
	setBack time.Duration
	found   []Violation
	tally   *Tally
}

// member is one server, through all its lives.
type member struct {
	name    string
	number  int
	address netip.AddrPort // for clients
	reactor *reactortest.Reactor
	server  *reactorherd.Server // nil while it is down
	life    int                 // how often it was started
	ahead   time.Duration       // its clock
	set     bool                // its clock was set in this life
	ending  bool                // it was asked to stop
	disk    *disk               // nil: it keeps no journal
	seen    map[string]*report  // the newest that it has shown in this life, by id
}

// clientsName is the reactor of all clients.
const clientsName = "clients"

// newWorld starts a herd.
func newWorld(f *Fight, watch Watch) *world {
	w := &world{
		fight: f, watch: watch, config: f.Setup.config(f.Graph), part: map[string]bool{},
		named: map[string]*member{}, talkers: map[string]*client{}, tally: newTally(),
		random: rand.New(rand.NewPCG(uint64(f.Setup.Network), 2)),
	}
	for _, name := range f.Part {
		w.part[name] = true
	}
	w.future = int64(time.Duration(w.config.Future) / time.Second)
	w.source = &source{world: w}
	w.reports, w.ledger = newReports(w.future), newLedger()
	w.wires = newWires(w)
	o := f.Setup.network()
	o.Trace, o.Tap, o.Log = watch.Event, w.wires.passed, trouble{w}
	w.network = reactortest.NewNetwork(o)
	w.clients = w.network.Reactor(clientsName)
	if f.Setup.Bus > 0 {
		w.bus = newBus(w)
	}
	for i, s := range w.config.Servers {
		m := &member{name: s.Name, number: i, address: netip.MustParseAddrPort(s.Clients), disk: f.Setup.newDisk(i)}
		w.members = append(w.members, m)
		w.named[s.Name] = m
		if w.inPart(s.Name) {
			w.mended = append(w.mended, m)
		}
	}
	for _, m := range w.members {
		w.start(m)
	}
	return w
}

// Read gives the servers' boots and nonces.
func (w *world) Read(p []byte) (int, error) {
	for rest := p; len(rest) > 0; {
		var word [8]byte
		binary.LittleEndian.PutUint64(word[:], w.random.Uint64())
		rest = rest[copy(rest, word[:]):]
	}
	return len(p), nil
}

// start brings a server up, unless it is.
func (w *world) start(m *member) {
	if m.server != nil && !m.ending {
		return
	}
	if m.ending {
		m.reactor.Kill() // it has had its time
	}
	m.reactor = w.network.Reactor(m.name)
	m.reactor.SetClock(m.ahead)
	m.life++
	m.set, m.ending, m.seen = false, false, map[string]*report{}
	o := reactorherd.Options{
		Name: m.name, Config: w.config, Keys: w.fight.Setup.secrets(m.number),
		Upstream: w.source, Kind: upstream.Twitter{}, Random: w,
	}
	if w.bus != nil {
		w.bus.hub.Gone(m.name)
		o.Bus = w.bus.hub.End(m.name)
	}
	if m.disk != nil {
		o.Journal = newJournal(w, m)
	}
	w.watch.Variant.apply(w, m, &o)
	s, err := reactorherd.New(m.reactor, o)
	if err == nil {
		err = s.Start()
	}
	if err != nil {
		w.violated("start", "%s does not start: %v", m.name, err)
		return
	}
	m.server = s
}

// end takes a server that is no more out of the books.
func (w *world) end(m *member) {
	w.count(m)
	m.server = nil
	if w.bus != nil {
		w.bus.hub.Gone(m.name)
	}
	for _, c := range w.all {
		if c.to == m && c.life == m.life {
			c.excused = true
		}
	}
}

// count takes what a server says about itself at its end, or at the fight's.
func (w *world) count(m *member) {
	st := m.server.Status()
	w.tally.closed(st)
	for _, reason := range never {
		if n := st.Closed[reason]; n > 0 {
			w.violated("closes", "%s has ended %d connections for %s", m.name, n, reason)
		}
	}
}

// never are reasons for which no connection ends among servers of one herd that
// are what they say they are, and have room for each other's records.
var never = []string{
	"panic", "bad_mac", "unsealed", "bad_proof", "not_prove", "not_hello", "bad_hello", "wrong_recipient", "wrong_peer",
	"unknown_peer", "wrong_role", "own_nonce", "handshake_over", "duplicate_name", "store_full", "output_limit", "error",
}

// live shows the servers that run, in their order.
func (w *world) live(yield func(*member) bool) {
	for _, m := range w.members {
		if m.server != nil && !yield(m) {
			return
		}
	}
}

// advance moves the time to one since the fight's beginning.
func (w *world) advance(to time.Duration) {
	w.network.Advance(start.Add(to).Sub(w.network.Seconds()))
	for _, m := range w.members {
		if m.server != nil && m.ending && !m.reactor.Running() {
			w.end(m)
			m.ending = false
		}
	}
}

// clock is a server's, now.
func (w *world) clock(m *member) moment {
	t := w.network.Seconds().Add(m.ahead)
	return moment{t.Unix(), int64(t.Nanosecond())}
}

// elapsed is the time since the fight's beginning.
func (w *world) elapsed() time.Duration { return w.network.Seconds().Sub(start) }

// Violation is a promise that was not kept.
type Violation struct {
	At   time.Duration // since the fight's beginning
	Rule string        // which promise
	What string        // what was seen
}

// String is the violation on one line.
func (v Violation) String() string { return fmt.Sprintf("%v: %s: %s", v.At, v.Rule, v.What) }

// mostFound is how many violations of one fight are kept: the first is what
// matters, and the rest mostly follow from it.
const mostFound = 20

func (w *world) violated(rule, format string, args ...any) {
	if len(w.found) < mostFound {
		w.found = append(w.found, Violation{w.elapsed(), rule, fmt.Sprintf(format, args...)})
	}
}

// inPart reports whether a server is one of those that are mended at the end.
func (w *world) inPart(name string) bool { return w.part[name] }

// note tells who watches what a client has seen.
func (w *world) note(format string, args ...any) {
	if w.watch.Note != nil {
		w.watch.Note(w.step, fmt.Sprintf(format, args...))
	}
}
