//go:build linux

package gnetreactor

import (
	"runtime"
	"time"

	"github.com/panjf2000/gnet/v2/pkg/errors"
	"github.com/panjf2000/gnet/v2/pkg/netpoll"
	"github.com/panjf2000/gnet/v2/pkg/queue"
	"golang.org/x/sys/unix"

	"proxyherd/reactor"
	"proxyherd/reactor/deferred"
)

// One turn of the loop:
//
//  1. I/O events, one callback for each, until the batch is through;
//  2. calls posted by CallFromThread before the end of the turn began;
//  3. new timers are admitted, and those that are due run;
//  4. the shutdown event, if Stop was called;
//  5. the flush: one write for each connection that was written to, links
//     before clients;
//  6. descriptors given up in this turn are closed;
//  7. the alarm is set for the next timer.
//
// Between 6 and 7 a loop that is busy may rest, which is in no turn: see rest.
//
// gnet has no hook for the end of a batch, but runs what Trigger was given once
// the events of a batch are through. So the first thing in a turn that needs
// its end rings: it triggers steps 2 to 7 as one task. That costs a round
// through epoll, so while events come one at a time the flush (step 5) follows
// the event's callback instead; see pace.
//
// A batch can have hundreds of events, and so can the next, with which the task
// comes. So once the bell was rung, steps 2, 3 and 5 follow every 64 events, or half
// a millisecond of them where turns are measured, and what they end is a turn: see
// endPart. What must wait for the end of the batch waits for the task still.

// A turn ends in the middle of a batch after so many events, or so much time. With
// less of either, a link that all of them write to gets more writes.
const (
	partEvents = 64
	partTime   = 500 * time.Microsecond
)

// ring makes sure that this turn has an end.
func (r *Reactor) ring() {
	if r.rung || r.poller == nil {
		return
	}
	r.rung, r.part = true, 0
	r.pace.ring()
	if r.ending {
		// A task that triggers itself would run before the next batch, and
		// keep I/O waiting for ever: the end of this turn wakes through the
		// poller instead.
		return
	}
	if err := r.poller.Trigger(queue.HighPriority, r.endTurn, nil); err != nil {
		r.log.Err("reactor", err, "waking the reactor")
	}
}

// endPart ends a turn in the middle of a batch. Descriptors are not closed yet: an
// event for one may be waiting still. Nor does the loop end here, for which the
// poller would drop the rest of the batch.
func (r *Reactor) endPart() {
	r.part = 0
	r.collecting = true
	r.runReady()
	r.collecting = false
	r.flush()
	r.turns.ran(wasFlush, nil)
	r.turns.end()
}

// runReady is steps 2 and 3.
func (r *Reactor) runReady() {
	r.runPosted()
	r.calls.Admit()
	r.runDue()
}

// endTurn is steps 2 to 7.
func (r *Reactor) endTurn(any) error {
	r.rung, r.ending, r.collecting = false, true, true
	r.pace.end()
	r.turns.begin()
	r.runReady()
	if r.stopping && !r.fired {
		r.fired = true
		r.turns.skip()
		r.events.Fire("shutdown", nil)
		r.turns.ran(wasShutdown, nil)
	}
	r.collecting = false
	r.flush()
	r.closeReleased()
	r.turns.ran(wasFlush, nil)
	r.turns.end()
	r.letOthersRun()
	r.ending = false
	if !r.looping {
		// Only from here: ended by an I/O callback, the poller would drop the
		// rest of the batch.
		return errors.ErrEngineShutdown
	}
	if r.rung {
		r.rung = false
		r.wake()
	}
	r.setAlarm()
	return nil
}

func (r *Reactor) runPosted() {
	calls := r.mailbox.take()
	if len(calls) > 0 {
		r.turns.skip()
	}
	for _, f := range calls {
		r.nowKnown = false
		r.guard("in a call posted by CallFromThread", f)
		r.turns.ran(wasPosted, f)
	}
}

// runDue runs the timers that are due. One reading of the clock serves the
// whole pass: what comes due meanwhile waits for the next turn.
func (r *Reactor) runDue() {
	r.nowKnown = false
	now := r.Seconds()
	r.turns.skipTo(now)
	for f := r.calls.Due(now); f != nil; f = r.calls.Due(now) {
		r.guard("in a delayed call", f)
		r.nowKnown = false
		r.turns.ran(wasTimer, f)
	}
}

// flush hands this turn's output to the system in the flush order. What is
// written during the flush belongs to the next turn.
func (r *Reactor) flush() {
	for order := range r.dirty {
		list := r.dirty[order]
		r.dirty[order] = r.spare[order][:0]
		for i, t := range list {
			list[i] = nil
			r.nowKnown = false
			t.flush()
		}
		r.spare[order] = list[:0]
	}
}

// bell is the source of the waker and the alarm.
type bell struct{ r *Reactor }

func (b bell) event(netpoll.IOEvent) { b.r.ring() }
func (b bell) attach()               {}
func (b bell) detach()               {}
func (b bell) shutdown()             {}

var one = []byte{1, 0, 0, 0, 0, 0, 0, 0}

// wake makes the poller return. The counter never fills: it would take 2^64
// calls between two readings.
func (r *Reactor) wake() {
	for {
		if _, err := unix.Write(r.waker.fd, one); err != unix.EINTR {
			return
		}
	}
}

// sooner is told when a timer becomes due earlier than any before it.
func (r *Reactor) sooner(due time.Time) {
	switch {
	case r.poller == nil || r.ending:
		// The end of the turn sets the alarm.
	case !due.After(r.Seconds()):
		r.ring() // the end of this turn runs it
	case r.alarmSet.IsZero() || due.Before(r.alarmSet):
		r.setAlarmTo(due)
	}
}

func (r *Reactor) setAlarm() {
	next, pending := r.calls.Next()
	switch {
	case !pending:
		// An alarm that has gone off must not look as if it were still to come.
		r.alarmSet = time.Time{}
	case next.Equal(r.alarmSet):
	case next.After(time.Now()):
		r.setAlarmTo(next)
	default:
		// Set for what is due already a timerfd interrupts at once, which takes far
		// longer than to wake the loop.
		r.wake()
	}
}

func (r *Reactor) setAlarmTo(due time.Time) {
	r.alarmSet = due
	wait := max(time.Until(due), 1) // 0 would disarm it
	spec := unix.ItimerSpec{Value: unix.NsecToTimespec(int64(wait))}
	if err := unix.TimerfdSettime(r.alarm.fd, 0, &spec, nil); err != nil {
		r.log.Err("reactor", err, "setting the alarm for the next timer")
	}
}

// Run turns the loop on the calling goroutine until Stop or Crash.
func (r *Reactor) Run() error {
	switch {
	case r.started:
		return reactor.ErrReactorAlreadyRunning
	case r.stopping:
		return reactor.ErrReactorNotRestartable
	}
	if r.turns.thread != nil {
		runtime.LockOSThread() // else the turns would be of several threads' times
		defer runtime.UnlockOSThread()
	}
	r.started, r.looping, r.rung = true, true, false
	if err := r.openPoller(); err != nil {
		r.started, r.looping = false, false
		return err
	}
	stopSignals := func() {}
	// Before the user's own During triggers, the reactor runs. During is a
	// phase that exists, so Prepend has nothing to refuse.
	id, _ := r.events.Prepend(reactor.During, "startup", func() *deferred.Deferred[struct{}] {
		r.running = true
		stopSignals = r.watchSignals()
		return nil
	})
	r.events.Fire("startup", nil)
	r.ring() // what was posted, scheduled or written before has not rung
	err := r.poller.Polling(r.dispatch)
	_ = r.events.Remove(id) // there only if the startup still waits for a Deferred
	stopSignals()
	r.closePoller()
	r.started, r.looping, r.running, r.nowKnown = false, false, false, false
	if r.stopping {
		r.endLookups()
		r.pool.Stop()
	}
	r.log.Msg("reactor", "Main loop terminated.")
	if err != nil && err != errors.ErrEngineShutdown {
		return err
	}
	return nil
}

// Stop asks for an orderly end.
func (r *Reactor) Stop() error {
	if !r.started || r.stopping {
		return reactor.ErrReactorNotRunning
	}
	r.stopping = true
	// Before the user's own During triggers, the connections are lost. Add has
	// nothing to refuse.
	_, _ = r.events.Prepend(reactor.During, "shutdown", func() *deferred.Deferred[struct{}] {
		r.Crash()
		r.disconnectAll()
		return nil
	})
	r.ring()
	return nil
}

// Crash ends the loop after this turn without telling anybody.
func (r *Reactor) Crash() {
	r.running, r.looping = false, false
	r.ring()
}

// disconnectAll tells every port and connection that the reactor ends.
func (r *Reactor) disconnectAll() {
	for s := range r.owners.all {
		s.shutdown()
	}
}
