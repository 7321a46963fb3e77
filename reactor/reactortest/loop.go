package reactortest

import (
	"container/list"
	"net"
	"net/netip"
	"strconv"
	"time"

	"proxyherd/reactor"
	"proxyherd/reactor/deferred"
	"proxyherd/reactor/internal/connecting"
	"proxyherd/reactor/internal/delayed"
	"proxyherd/reactor/internal/sysevent"
)

// Reactor is a reactor.Reactor of a Network: a process of its own, with the
// Network's time. Network.Reactor makes it. It behaves as package gnetreactor
// does, turn for turn, and so as twisted/internet/base.py:436 ReactorBase.
type Reactor struct {
	network *Network
	name    string
	events  sysevent.Events
	calls   delayed.Calls
	mailbox mailbox
	jobs    jobs

	alerts  []*alert        // sockets and ports with something to do
	spare   []*alert        // the list of the turn before, to be used again
	dirty   [3][]*transport // with something to flush, by flush order
	flushed []*transport    // a list that is used again
	sources list.List       // of source: what is open, in the order of opening

	fresh    bool // never started: the first drive of the network does it
	started  bool // between Run and its return
	running  bool
	looping  bool
	stopping bool // Stop was called, once and for ever
	fired    bool // the shutdown event has been fired
	gone     bool // ended by Stop or Kill
	paused   bool
	ahead    time.Duration // of the network's time

	woken   bool  // in the schedule's list
	turning bool  // takes a turn, after which it is looked at anyway
	alarm   alarm // the one that counts; its number is 0 while none is set
}

var _ reactor.Reactor = (*Reactor)(nil)

// source is something open: a connection, a port, an attempt to connect.
type source interface {
	// shutdown ends it with the reactor.
	shutdown()
	// kill ends it with the process: nobody is told but the peer.
	kill()
}

// readSize is the most that one DataReceived gets:
// twisted/internet/abstract.py:450.
const readSize = 65536

func newReactor(n *Network, name string) *Reactor {
	r := &Reactor{network: n, name: name, fresh: true}
	r.calls.Now, r.calls.Sooner = n.Seconds, r.sooner
	r.events.Guard = func(f func()) { r.guard("in a system event trigger", f) }
	r.jobs.resize(defaultThreads)
	return r
}

// Name is the name that Network.Reactor was given.
func (r *Reactor) Name() string { return r.name }

// Running reports whether the loop has started and not begun to shut down.
func (r *Reactor) Running() bool { return r.running }

// Seconds is the network's time on this reactor's clock: see SetClock.
func (r *Reactor) Seconds() time.Time {
	if r.ahead == 0 {
		return r.network.now // an addition less, as it is asked for with every line
	}
	return r.network.now.Add(r.ahead)
}

// SetClock sets the reactor's clock to be ahead of the network's time by this,
// or behind by a negative one, from now on. Its timers run on undisturbed. A time
// in memory has no monotonic part, so that to the reactor's code the time between
// two callbacks changes too: where a real clock is set, it need not.
func (r *Reactor) SetClock(ahead time.Duration) {
	r.ahead = ahead
	r.network.trace(Event{Kind: ClockSet, Reactor: r.name, Detail: ahead.String()})
}

// CallLater calls f once, after delay, and not before the next turn.
func (r *Reactor) CallLater(delay time.Duration, f func()) reactor.DelayedCall {
	return r.calls.Later(delay, f)
}

// GetDelayedCalls lists the pending calls.
func (r *Reactor) GetDelayedCalls() []reactor.DelayedCall { return r.calls.Pending() }

// CallWhenRunning calls f now if the loop runs, else once it has started.
func (r *Reactor) CallWhenRunning(f func()) {
	if r.running {
		f()
		return
	}
	// After is a phase that exists, so Add has nothing to refuse.
	_, _ = r.events.Add(reactor.After, "startup", func() *deferred.Deferred[struct{}] { f(); return nil })
}

// AddSystemEventTrigger registers f for one firing of an event.
func (r *Reactor) AddSystemEventTrigger(phase reactor.Phase, eventType string, f reactor.Trigger) (reactor.TriggerID, error) {
	return r.events.Add(phase, eventType, f)
}

// RemoveSystemEventTrigger takes a trigger back.
func (r *Reactor) RemoveSystemEventTrigger(id reactor.TriggerID) error { return r.events.Remove(id) }

// FireSystemEvent runs the triggers of an event.
func (r *Reactor) FireSystemEvent(eventType string) { r.events.Fire(eventType, nil) }

// ListenTCP opens a port in the network. iface "" is every IPv4 address.
func (r *Reactor) ListenTCP(number int, factory reactor.Factory, backlog int, iface string) (reactor.ListeningPort, error) {
	if backlog <= 0 {
		backlog = defaultBacklog
	}
	p := &port{r: r, factory: factory, backlog: backlog, iface: iface, number: number}
	p.alert.reactor = r
	if err := p.StartListening(); err != nil {
		return nil, err
	}
	return p, nil
}

// ConnectTCP starts connecting to a port in the network.
func (r *Reactor) ConnectTCP(host string, number int, factory reactor.ClientFactory, timeout time.Duration, bind reactor.Address) reactor.Connector {
	c := connecting.New(r, factory, destination(host, number), timeout, func(c *connecting.Connector) connecting.Attempt {
		return newAttempt(r, c, host, number, bind)
	})
	// A new connector is Disconnected, so Connect has nothing to refuse.
	_ = c.Connect()
	return c
}

// destination is where a connector says that it connects to: the host exactly
// as it was given.
func destination(host string, number int) reactor.Address {
	if addr, err := netip.ParseAddr(host); err == nil && addr.Is6() {
		return reactor.IPv6Address{Host: host, Port: number}
	}
	return reactor.IPv4Address{Host: host, Port: number}
}

// String names the reactor in a log.
func (r *Reactor) String() string { return "reactor " + strconv.Quote(r.name) }

// guard runs f, which belongs to no connection, and logs a panic in it.
func (r *Reactor) guard(doing string, f func()) {
	if err := caught(f); err != nil {
		r.log("reactor", err, doing)
	}
}

// caught runs f and returns a panic in it as an error.
func caught(f func()) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = reactor.Recovered(v)
		}
	}()
	f()
	return nil
}

func (r *Reactor) log(prefix string, err error, doing string) {
	r.network.options.Log.Err(r.name+" "+prefix, err, doing)
}

func (r *Reactor) msg(prefix, message string) {
	r.network.options.Log.Msg(r.name+" "+prefix, message)
}

// eachSource calls f for everything open. f may open and close.
func (r *Reactor) eachSource(f func(source)) {
	open := make([]source, 0, r.sources.Len())
	for e := r.sources.Front(); e != nil; e = e.Next() {
		open = append(open, e.Value.(source))
	}
	for _, s := range open {
		f(s)
	}
}

// Resolve looks up the IPv4 address of a name: a literal is itself, and the rest is
// in Options.LookUp or Options.Hosts.
func (r *Reactor) Resolve(name string) *deferred.Deferred[string] {
	if addr, err := netip.ParseAddr(name); err == nil {
		return deferred.Succeed(addr.String())
	}
	return deferred.Then(r.lookUp(name), func(found []netip.Addr) (string, error) {
		for _, addr := range found {
			if addr.Is4() {
				return addr.String(), nil
			}
		}
		return "", lookupError(name, errNoAddress)
	})
}

// lookUp looks up the addresses of a name, as a job. There is one at least.
func (r *Reactor) lookUp(name string) *deferred.Deferred[[]netip.Addr] {
	if name == "" {
		return deferred.Succeed([]netip.Addr{netip.IPv4Unspecified()})
	}
	resolved := deferred.New[[]netip.Addr](nil)
	accepted := r.CallInThread(func() {
		found, err := r.network.options.LookUp(name)
		if err == nil && len(found) == 0 {
			err = errNoAddress
		}
		r.CallFromThread(func() {
			if err != nil {
				resolved.Errback(lookupError(name, err))
				return
			}
			resolved.Callback(found)
		})
	})
	if !accepted {
		resolved.Errback(lookupError(name, errStopped))
	}
	return resolved
}

// inHosts is Options.LookUp where there is none.
func (o *Options) inHosts(name string) ([]netip.Addr, error) {
	if literal, known := o.Hosts[name]; known {
		addr, err := netip.ParseAddr(literal)
		return []netip.Addr{addr}, err
	}
	if name == "localhost" {
		return []netip.Addr{loopback4}, nil
	}
	return nil, &net.DNSError{Err: "no such host in Options.Hosts", Name: name, IsNotFound: true}
}
