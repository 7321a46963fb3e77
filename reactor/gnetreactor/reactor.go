//go:build linux

// Package gnetreactor is the reactor on gnet's poller, as
// twisted/internet/epollreactor.py is the one on epoll. It is built and tested
// on Linux only.
//
// gnet publishes its event loop as a library (pkg/netpoll), and that is what is
// used here; gnet.Run, its server on top, cannot keep what a Twisted transport
// promises. One goroutine, the one that called Run, does all the work but the
// jobs of CallInThread.
package gnetreactor

import (
	"context"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/panjf2000/gnet/v2/pkg/netpoll"
	"golang.org/x/sys/unix"

	"proxyherd/reactor"
	"proxyherd/reactor/deferred"
	"proxyherd/reactor/internal/connecting"
	"proxyherd/reactor/internal/delayed"
	"proxyherd/reactor/internal/sysevent"
	"proxyherd/reactor/internal/threadpool"
)

// Config is a reactor's settings, the arguments that
// twisted/internet/epollreactor.py:222 __init__ has not. The zero value is
// Twisted's behaviour.
type Config struct {
	// Log takes what the reactor has to say; nil is reactor.ErrorLog to standard
	// error, so that no panic in a callback goes unseen.
	Log reactor.Logger

	// ThreadPoolSize is how many jobs of CallInThread run at once; default 10.
	ThreadPoolSize int

	// CloseTimeout bounds how long LoseConnection waits for a peer that does
	// not read, or for a producer that does not unregister, before the
	// connection is aborted. 0 is Twisted's: for ever.
	CloseTimeout time.Duration

	// Resolver looks names up, on a worker; nil is the system's
	// (twisted/internet/base.py:508 installResolver).
	Resolver Resolver

	// ResolveTimeout bounds one lookup, the wait for a worker included; default
	// 60 seconds.
	ResolveTimeout time.Duration

	// NoSignalHandlers leaves SIGINT and SIGTERM to the program; else either
	// stops the reactor.
	NoSignalHandlers bool

	// SlowTurn is how long a turn may take before it is slow; 0 measures none. It
	// costs two readings of the clock for an event that comes alone, and one for
	// each and two more where they come in crowds (BenchmarkTurnClock,
	// BenchmarkEchoMeasured).
	SlowTurn time.Duration

	// OnSlowTurn is called after each turn that took longer, on the loop, and so
	// must not take long itself. nil: nobody is told; Turns counts them still.
	OnSlowTurn func(SlowTurn)

	// ThreadTime has turns measured by the processor time of the loop's thread too,
	// for which Run keeps its goroutine on one thread. It costs two system calls a
	// turn. Without SlowTurn it means nothing.
	ThreadTime bool
}

const defaultThreads = 10

// Reactor is a reactor.Reactor on one goroutine:
// twisted/internet/epollreactor.py:189 EPollReactor, with what that has of
// twisted/internet/base.py:436 ReactorBase.
type Reactor struct {
	config  Config
	log     reactor.Logger
	events  sysevent.Events
	calls   delayed.Calls
	mailbox mailbox
	pool    *threadpool.Pool
	// lookups is done when the reactor has ended for good, so that nothing then
	// waits for a name server.
	lookups    context.Context
	endLookups context.CancelFunc
	poller     *netpoll.Poller // nil while the loop does not run
	waker      descriptor      // an eventfd that makes the next batch come
	alarm      descriptor      // a timerfd set to the next timer
	alarmSet   time.Time       // zero: not set

	owners owners
	// closing has descriptors that have left the poller but whose numbers must
	// not be used again before this batch of events is through: an event for
	// the old owner would reach the new one.
	closing []int
	// dirty has the transports that this turn's flush must look at, by flush
	// order; spare is the same lists' memory from the turn before.
	dirty, spare [3][]*transport
	buffers      bufferList
	input        []byte
	crowded      []*port // ports that found no descriptor for a connection

	pace     pace
	rest     rest
	turns    turnClock
	now      time.Time // one reading for the whole of a callback
	nowKnown bool

	started  bool // Run is under way
	running  bool
	looping  bool
	stopping bool // Stop was called, once and for ever
	fired    bool // the shutdown event has been fired

	rung       bool // the end of this turn is on its way
	ending     bool // the end of this turn is being worked off
	collecting bool // a flush will follow without being rung for
	part       int  // events since the bell was rung, or since the last endPart
}

var _ reactor.Reactor = (*Reactor)(nil)

// readSize is the most that one DataReceived gets:
// twisted/internet/abstract.py:450.
const readSize = 65536

// New makes a reactor, which is nobody's but the caller's: where
// twisted/internet/epollreactor.py:401 install makes the global one. Nothing is
// opened before Run, ListenTCP or ConnectTCP.
func New(config Config) *Reactor {
	r := &Reactor{config: config, log: config.Log, input: make([]byte, readSize)}
	if r.log == nil {
		r.log = reactor.ErrorLog(os.Stderr)
	}
	if config.ThreadPoolSize <= 0 {
		config.ThreadPoolSize = defaultThreads
	}
	if r.config.Resolver == nil {
		r.config.Resolver = net.DefaultResolver
	}
	if r.config.ResolveTimeout <= 0 {
		r.config.ResolveTimeout = defaultResolveTimeout
	}
	r.lookups, r.endLookups = context.WithCancel(context.Background())
	r.pool = threadpool.New(config.ThreadPoolSize)
	r.pool.OnPanic = func(v any) { r.log.Err("thread", reactor.Recovered(v), "in a job of CallInThread") }
	r.turns = newTurnClock(config.SlowTurn, config.ThreadTime, r.slowTurn)
	r.calls = delayed.Calls{Now: r.Seconds, Sooner: r.sooner}
	r.events = sysevent.Events{Guard: func(f func()) { r.guard("in a system event trigger", f) }}
	r.waker.fd, r.alarm.fd = -1, -1
	return r
}

// Running reports whether the loop has started and not begun to shut down.
func (r *Reactor) Running() bool { return r.running }

// Seconds is the loop's time, read once in each callback.
func (r *Reactor) Seconds() time.Time {
	if !r.nowKnown {
		r.now = time.Now()
		r.nowKnown = r.looping
	}
	return r.now
}

// CallLater calls f once, after delay, and not before the next turn.
func (r *Reactor) CallLater(delay time.Duration, f func()) reactor.DelayedCall {
	return r.calls.Later(delay, f)
}

// GetDelayedCalls lists the pending calls.
func (r *Reactor) GetDelayedCalls() []reactor.DelayedCall { return r.calls.Pending() }

// CallFromThread runs f on the loop. It is safe from any goroutine.
func (r *Reactor) CallFromThread(f func()) bool { return r.mailbox.post(f) }

// CallInThread runs f on a worker of the pool.
func (r *Reactor) CallInThread(f func()) bool { return r.pool.Do(f) }

// SuggestThreadPoolSize sets how many jobs may run at once.
func (r *Reactor) SuggestThreadPoolSize(size int) { r.pool.Resize(size) }

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

// ListenTCP binds and listens before it returns.
func (r *Reactor) ListenTCP(number int, factory reactor.Factory, backlog int, iface string) (reactor.ListeningPort, error) {
	if backlog <= 0 {
		backlog = defaultBacklog
	}
	p := &port{r: r, factory: factory, backlog: backlog, iface: iface, number: number}
	p.fd = -1
	if err := p.StartListening(); err != nil {
		return nil, err
	}
	return p, nil
}

// ConnectTCP starts connecting; the socket is made in the next turn.
func (r *Reactor) ConnectTCP(host string, number int, factory reactor.ClientFactory, timeout time.Duration, bind reactor.Address) reactor.Connector {
	c := connecting.New(r, factory, destination(host, number), timeout, func(c *connecting.Connector) connecting.Attempt {
		return newAttempt(r, c, host, number, bind)
	})
	// A new connector is Disconnected, so Connect has nothing to refuse.
	_ = c.Connect()
	return c
}

// guard runs f, which belongs to no connection, and logs a panic in it.
func (r *Reactor) guard(doing string, f func()) {
	defer func() {
		if v := recover(); v != nil {
			r.log.Err("reactor", reactor.Recovered(v), doing)
		}
	}()
	f()
}

// openPoller makes the poller, the waker and the alarm, and registers every
// descriptor that was opened before.
func (r *Reactor) openPoller() (err error) {
	if r.poller, err = netpoll.OpenPoller(); err != nil {
		r.poller = nil
		return fmt.Errorf("opening the reactor's poller: %w", err)
	}
	defer func() {
		if err != nil {
			r.closePoller()
		}
	}()
	if r.waker.fd, err = unix.Eventfd(0, unix.EFD_NONBLOCK|unix.EFD_CLOEXEC); err != nil {
		return fmt.Errorf("opening the reactor's waker: %w", os.NewSyscallError("eventfd", err))
	}
	if r.alarm.fd, err = unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC); err != nil {
		return fmt.Errorf("opening the reactor's alarm: %w", os.NewSyscallError("timerfd_create", err))
	}
	// Edge-triggered, so that neither has to be read to fall silent.
	r.owners.set(r.waker.fd, bell{r})
	r.owners.set(r.alarm.fd, bell{r})
	r.set(&r.waker, reading)
	r.set(&r.alarm, reading)
	for s := range r.owners.all {
		s.attach()
	}
	r.mailbox.open(r.wake)
	return nil
}

// closePoller closes what openPoller opened. The mailbox is closed to the
// waker first, so that no late post writes to a descriptor's next owner.
func (r *Reactor) closePoller() {
	r.mailbox.close(r.stopping)
	r.closeReleased()
	for _, d := range []*descriptor{&r.waker, &r.alarm} {
		if d.fd >= 0 {
			r.owners.set(d.fd, nil)
			_ = unix.Close(d.fd)
		}
		d.fd, d.interest = -1, off
	}
	r.rest.close()
	_ = r.poller.Close()
	r.poller, r.alarmSet = nil, time.Time{}
	for s := range r.owners.all {
		s.detach()
	}
}
