package reactortest

import (
	"sync/atomic"
	"time"
)

// schedule finds the reactor whose turn it is without asking all of them: there
// may be thousands. Whatever gives a reactor something to do wakes it, or sets
// its alarm; one that was woken in vain is passed over.
type schedule struct {
	woken  []*Reactor // in the order of waking, so that none starves the others
	taken  int        // of woken, since it was empty
	alarms heap[alarm]
	mail   atomic.Bool // somebody has called CallFromThread
}

// alarm is when a reactor has something to do by itself: a delayed call, or a job
// that ends. Only the one that its reactor knows of counts.
type alarm struct {
	rank
	reactor *Reactor
}

func (a alarm) before(b alarm) bool { return a.rank.before(b.rank) }

// wake has the reactor looked at in its turn.
func (r *Reactor) wake() {
	if !r.woken {
		r.woken = true
		s := &r.network.schedule
		s.woken = append(s.woken, r)
	}
}

// sooner sets the reactor's alarm, unless it is set for an earlier time.
func (r *Reactor) sooner(due time.Time) {
	if r.turning {
		return
	}
	nanos := due.UnixNano()
	if r.alarm.number != 0 && nanos >= r.alarm.due {
		return
	}
	r.network.numbers++
	r.alarm = alarm{rank{nanos, r.network.numbers}, r}
	r.network.schedule.alarms.push(r.alarm)
}

// lie lets a reactor that has nothing to do now be, until its next call or job.
func (r *Reactor) lie() {
	if !r.started || r.paused || r.gone {
		return // it is woken when that ends
	}
	if due, pending := r.calls.Next(); pending {
		r.sooner(due)
	}
	if ends, working := r.jobs.next(); working {
		r.sooner(ends)
	}
}

// next is when the earliest alarm is due that counts, in nanoseconds since 1970.
func (s *schedule) next() (due int64, found bool) {
	for len(s.alarms) > 0 {
		first := s.alarms[0]
		r := first.reactor
		if r.alarm.number == first.number && r.started && !r.paused {
			return first.due, true
		}
		s.alarms.pop()
		if r.alarm.number == first.number {
			r.alarm = alarm{}
		}
	}
	return 0, false
}

// ring wakes those whose alarms are due, and runs the jobs that have ended.
func (s *schedule) ring(now int64) {
	for due, found := s.next(); found && due <= now; due, found = s.next() {
		r := s.alarms.pop().reactor
		r.alarm = alarm{}
		r.runJobs()
		r.wake()
	}
}

// take is the next reactor that has something to do now, nil if none has.
func (s *schedule) take(reactors []*Reactor) *Reactor {
	if s.mail.Swap(false) {
		for _, r := range reactors {
			if r.mailbox.waiting() {
				r.wake()
			}
		}
	}
	for s.taken < len(s.woken) {
		r := s.woken[s.taken]
		s.taken++
		r.woken = false
		if r.ready() {
			return r
		}
		r.lie()
	}
	clear(s.woken)
	s.woken, s.taken = s.woken[:0], 0
	return nil
}
