package reactortest

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"time"

	"proxyherd/reactor"
)

// Options are a Network's settings. The zero value is a network that delivers
// everything at once and whole, and starts at the Unix epoch.
type Options struct {
	// Seed decides all that is left to chance: jitter, and where bytes are cut.
	Seed uint64

	// Start is the time at which the network begins; the zero Time is the Unix
	// epoch, in UTC.
	Start time.Time

	// Link is what every two reactors have between them, each way, until
	// SetLink says otherwise. A reactor's link to itself is one too.
	Link Link

	// Window is how many bytes a connection holds in each direction beyond what
	// the receiver has read, as the system's buffers do; default 65,536. A
	// writer whose peer does not read keeps the rest itself. It hears of what was
	// read when that is a quarter of the window.
	Window int

	// HighWater is how many bytes may wait in a transport before a push producer
	// is paused; default 65,536, as in twisted/internet/abstract.py:450.
	HighWater int

	// JobTime is how long a job of CallInThread takes; default 1 ms.
	JobTime time.Duration

	// MaxTurns is how many turns the reactors may take while the clock stands
	// still, before the network panics because it never will move again;
	// default 1,000,000.
	MaxTurns int

	// Hosts are the names that can be looked up besides "localhost", each with
	// its literal.
	Hosts map[string]string

	// LookUp, if set, gives the addresses of a name in the place of Hosts. It is
	// asked when the job that looks it up has taken its time.
	LookUp func(name string) ([]netip.Addr, error)

	// Trace, if set, is told of every event as it happens.
	Trace func(Event)

	// Tap, if set, is told of everything that is sent, as it is sent.
	Tap func(Passage)

	// Log takes what the reactors have to say, their names before the prefix;
	// nil drops it.
	Log reactor.Logger
}

const (
	defaultWindow  = 65536
	defaultJobTime = time.Millisecond
	defaultTurns   = 1_000_000
)

// check fills in the defaults and panics on a value that cannot be meant.
func (o *Options) check() {
	if o.Start.IsZero() {
		o.Start = time.Unix(0, 0).UTC()
	}
	if o.Window == 0 {
		o.Window = defaultWindow
	}
	if o.JobTime == 0 {
		o.JobTime = defaultJobTime
	}
	if o.HighWater == 0 {
		o.HighWater = highWater
	}
	if o.MaxTurns == 0 {
		o.MaxTurns = defaultTurns
	}
	if o.Log == nil {
		o.Log = reactor.DiscardLog
	}
	if o.LookUp == nil {
		o.LookUp = o.inHosts
	}
	if o.Window < 0 || o.HighWater < 0 || o.JobTime < 0 || o.MaxTurns < 0 {
		panic(fmt.Sprintf("reactortest: Options.Window is %d, HighWater %d, JobTime %v and MaxTurns %d: none may be negative",
			o.Window, o.HighWater, o.JobTime, o.MaxTurns))
	}
	o.Link.check()
}

// Network is any number of reactors in one virtual time, and the links between
// them. It is driven by Advance, RunUntil, Settle, or the Run of one of its
// reactors; nothing happens otherwise, and everything happens on the goroutine
// that drives. A reactor that was never run is started by the first drive.
//
// Addresses are those of one machine that has every address: a reactor may
// listen wherever no other does. Give each reactor an address of its own, or
// let all share 127.0.0.1.
type Network struct {
	options  Options
	now      time.Time
	nanos    int64 // now, in nanoseconds since 1970
	random   *rand.Rand
	reactors []*Reactor // the live ones, in the order in which they were made
	schedule schedule
	numbers  uint64 // drawn so far, to break ties
	turns    int    // since the clock moved
	driving  bool

	wire      wire
	buffers   buffers
	opened    uint64 // connections asked for so far
	links     map[route]*link
	ports     map[netip.AddrPort]*port
	owners    map[netip.AddrPort]string // who listened there last
	locals    map[netip.AddrPort]bool   // taken by outgoing connections
	ephemeral uint16
	// posted is rung by CallFromThread, for a Run with nothing else to wait for.
	posted chan struct{}
}

// NewNetwork makes a Network. It panics if the options make no sense.
func NewNetwork(options Options) *Network {
	options.check()
	return &Network{
		options:   options,
		now:       options.Start,
		nanos:     options.Start.UnixNano(),
		random:    rand.New(rand.NewPCG(options.Seed, 0x6865726421)),
		links:     map[route]*link{},
		ports:     map[netip.AddrPort]*port{},
		owners:    map[netip.AddrPort]string{},
		locals:    map[netip.AddrPort]bool{},
		ephemeral: firstEphemeral,
		posted:    make(chan struct{}, 1),
	}
}

// Reactor makes a reactor with that name, which must not be the name of a live
// one; after its end, or Kill, the name may be used again, and the links with
// that name are still what they were.
func (n *Network) Reactor(name string) *Reactor {
	for _, r := range n.reactors {
		if r.name == name {
			panic("reactortest: this network has a live reactor named " + name + " already")
		}
	}
	r := newReactor(n, name)
	n.reactors = append(n.reactors, r)
	r.wake()
	return r
}

// Seconds is the network's time, and that of all reactors whose clocks are not
// set: see Reactor.SetClock.
func (n *Network) Seconds() time.Time { return n.now }

// Advance runs everything that happens within d and then stands at its end.
func (n *Network) Advance(d time.Duration) {
	end := n.nanos + int64(d)
	n.drive(func() {
		for n.step(end) {
		}
		n.moveTo(end)
	})
}

// RunUntil runs until condition holds, and reports whether it came to hold
// within limit.
func (n *Network) RunUntil(condition func() bool, limit time.Duration) (held bool) {
	end := n.nanos + int64(limit)
	n.drive(func() {
		for held = condition(); !held; held = condition() {
			if !n.step(end) {
				n.moveTo(end)
				return
			}
		}
	})
	return held
}

// Settle runs until nothing is under way: no bytes on a link that is not cut,
// no turn to be made, no job. Timers of later times do not count, but those
// that come due meanwhile run. It reports whether that was so within limit.
func (n *Network) Settle(limit time.Duration) (quiet bool) {
	end := n.nanos + int64(limit)
	n.drive(func() {
		for quiet = !n.underWay(); !quiet; quiet = !n.underWay() {
			if !n.step(end) {
				n.moveTo(end)
				return
			}
		}
	})
	return quiet
}

// drive runs f, which takes steps; a callback of a reactor must not.
func (n *Network) drive(f func()) {
	if n.driving {
		panic("reactortest: the network is being driven already: a callback of one of its reactors must not drive it")
	}
	n.driving = true
	defer func() { n.driving = false }()
	f()
}

// step does one thing: a reactor's turn, or else moves the clock to what comes
// next. It returns false if nothing is left to happen until end, in nanoseconds
// since 1970.
func (n *Network) step(end int64) bool {
	delivered := n.deliver()
	if r := n.schedule.take(n.reactors); r != nil {
		n.turns++
		if n.turns > n.options.MaxTurns {
			panic(fmt.Sprintf("reactortest: %d turns at %v and no end, the last of reactor %s: does something call itself again with no delay?",
				n.options.MaxTurns, n.now, r.name))
		}
		r.turning = true
		r.turn()
		r.turning = false
		if r.ready() {
			r.wake()
		} else {
			r.lie()
		}
		return true
	}
	if delivered {
		return true // who drives looks whether that was all, before time passes
	}
	next, found := n.next()
	if !found || next > end {
		return false
	}
	n.moveTo(next)
	return true
}

// moveTo sets the clock; it never goes back.
func (n *Network) moveTo(nanos int64) {
	if nanos > n.nanos {
		n.now, n.nanos, n.turns = n.now.Add(time.Duration(nanos-n.nanos)), nanos, 0
	}
}

// deliver hands over what has arrived, of which some concerns nobody, and runs the
// jobs that have ended. It reports whether anything had arrived.
func (n *Network) deliver() (any bool) {
	for p := n.wire.take(n.nanos); p != nil; p = n.wire.take(n.nanos) {
		p.deliver()
		any = true
	}
	n.schedule.ring(n.nanos)
	return any
}

// next is when the next thing happens by itself, in nanoseconds since 1970.
func (n *Network) next() (next int64, found bool) {
	next, found = n.wire.next()
	if due, set := n.schedule.next(); set && (!found || due < next) {
		return due, true
	}
	return next, found
}

func (n *Network) underWay() bool {
	if _, found := n.wire.next(); found {
		return true
	}
	for _, r := range n.reactors {
		if r.ready() || r.working() {
			return true
		}
	}
	return false
}

// remove takes a reactor that has ended out of the network.
func (n *Network) remove(gone *Reactor) {
	for i, r := range n.reactors {
		if r == gone {
			n.reactors = append(n.reactors[:i:i], n.reactors[i+1:]...)
			return
		}
	}
}
