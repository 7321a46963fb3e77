package reactortest

import (
	"math"

	"proxyherd/reactor"
	"proxyherd/reactor/deferred"
)

// ready reports whether the reactor has something to do now; one that was never
// run has to start.
func (r *Reactor) ready() bool {
	switch {
	case r.paused || r.gone:
		return false
	case r.fresh:
		return true
	case !r.started:
		return false
	case len(r.alerts) > 0, r.mailbox.waiting(), r.stopping && !r.fired, !r.looping:
		return true
	}
	for _, list := range r.dirty {
		if len(list) > 0 {
			return true
		}
	}
	due, pending := r.calls.Next()
	return pending && !due.After(r.network.now)
}

// turn is one turn of the loop, in the steps of package gnetreactor: I/O,
// posted calls, timers, shutdown, flush.
func (r *Reactor) turn() {
	if r.fresh {
		r.start()
	}
	alerts := r.alerts
	r.alerts = r.spare
	for i, a := range alerts {
		alerts[i] = nil
		a.queued = false
		if a.owner != nil { // not closed earlier in this batch
			a.owner.event()
		}
	}
	r.spare = alerts[:0]
	r.runPosted()
	r.calls.Admit()
	r.runDue()
	if r.stopping && !r.fired {
		r.fired = true
		r.events.Fire("shutdown", nil)
	}
	r.flush()
	if !r.looping {
		r.end()
	}
}

func (r *Reactor) runPosted() {
	calls := r.mailbox.take()
	if len(calls) == 0 {
		return
	}
	for _, f := range calls {
		r.guard("in a call posted by CallFromThread", f)
	}
	r.mailbox.done(calls)
}

// runDue runs the timers that are due; what they schedule waits for the next
// turn.
func (r *Reactor) runDue() {
	now := r.network.now
	for f := r.calls.Due(now); f != nil; f = r.calls.Due(now) {
		r.guard("in a delayed call", f)
	}
}

// flush hands this turn's output to the network in the flush order. What is
// written during the flush goes with the transports of a later order, and
// otherwise belongs to the next turn.
func (r *Reactor) flush() {
	for order := range r.dirty {
		list := r.dirty[order]
		r.dirty[order] = r.flushed
		for i, t := range list {
			list[i] = nil
			t.flush()
		}
		r.flushed = list[:0]
	}
}

// Run starts the reactor and drives the whole network until the reactor has
// ended. With nothing left that could happen by itself it waits for a
// CallFromThread. On a network that is driven otherwise there is no need for
// it: the reactor runs already, and Run returns ErrReactorAlreadyRunning.
func (r *Reactor) Run() error {
	switch {
	case r.started:
		return reactor.ErrReactorAlreadyRunning
	case r.stopping || r.gone:
		return reactor.ErrReactorNotRestartable
	}
	r.network.drive(func() {
		r.start()
		for r.started {
			if !r.network.step(farFuture) && r.started {
				<-r.network.posted
			}
		}
	})
	return nil
}

// farFuture is later than any timer.
const farFuture = math.MaxInt64

func (r *Reactor) start() {
	r.fresh, r.started, r.looping = false, true, true
	r.wake()
	r.network.trace(Event{Kind: ReactorStarted, Reactor: r.name})
	// Before the user's own During triggers, the reactor runs. During is a
	// phase that exists, so Prepend has nothing to refuse.
	_, _ = r.events.Prepend(reactor.During, "startup", func() *deferred.Deferred[struct{}] { r.running = true; return nil })
	r.events.Fire("startup", nil)
}

// end is what follows the last turn.
func (r *Reactor) end() {
	r.started, r.running = false, false
	r.network.trace(Event{Kind: ReactorEnded, Reactor: r.name})
	if r.stopping {
		r.gone = true
		r.mailbox.close()
		// Run must not return before the jobs have ended; nobody hears of
		// their results.
		r.finishJobs()
		r.network.remove(r)
	}
	r.msg("reactor", "Main loop terminated.")
}

// Stop asks for an orderly end.
func (r *Reactor) Stop() error {
	if !r.started || r.stopping {
		return reactor.ErrReactorNotRunning
	}
	r.stopping = true
	r.wake()
	// Before the user's own During triggers, the connections are lost. Prepend
	// has nothing to refuse.
	_, _ = r.events.Prepend(reactor.During, "shutdown", func() *deferred.Deferred[struct{}] {
		r.Crash()
		r.eachSource(source.shutdown)
		return nil
	})
	return nil
}

// Crash ends the loop after this turn and tells nobody. Its ports and
// connections stay open: Kill closes them.
func (r *Reactor) Crash() {
	r.running, r.looping = false, false
	r.wake()
}

// Kill ends the reactor's process at once: its ports vanish, its connections
// die with a reset for the peers, and none of its own code runs any more. It
// must not be called from a callback.
func (r *Reactor) Kill() {
	r.network.drive(func() {
		if r.gone {
			return
		}
		r.network.trace(Event{Kind: ReactorKilled, Reactor: r.name})
		r.eachSource(source.kill)
		r.fresh, r.started, r.running, r.gone = false, false, false, true
		r.mailbox.close()
		r.network.remove(r)
	})
}

// Pause keeps the reactor from taking any turn until Resume, as when its
// process is suspended. Its system goes on: connections are granted as far as a
// port's backlog goes, and bytes arrive as far as the window goes.
func (r *Reactor) Pause() {
	r.paused = true
	r.network.trace(Event{Kind: ReactorPaused, Reactor: r.name})
}

// Resume undoes Pause. Timers that came due meanwhile run now.
func (r *Reactor) Resume() {
	r.paused = false
	r.wake()
	r.network.trace(Event{Kind: ReactorResumed, Reactor: r.name})
}
