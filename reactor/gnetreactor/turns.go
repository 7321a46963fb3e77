//go:build linux

package gnetreactor

import (
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// TurnBounds are the upper bounds of the first counts in Turns; the last count
// has none. They are not to be changed.
var TurnBounds = [...]time.Duration{
	10 * time.Microsecond, 20 * time.Microsecond, 50 * time.Microsecond,
	100 * time.Microsecond, 200 * time.Microsecond, 500 * time.Microsecond,
	time.Millisecond, 2 * time.Millisecond, 5 * time.Millisecond,
	10 * time.Millisecond, 20 * time.Millisecond, 50 * time.Millisecond,
	100 * time.Millisecond, 200 * time.Millisecond, 500 * time.Millisecond, time.Second,
}

// Turns is how long the loop's turns took so far, without the waiting for events.
// An event that needs no end of the turn counts as a turn of its own.
type Turns struct {
	Counts  [len(TurnBounds) + 1]uint64 // turns, each once, by TurnBounds
	Sum     time.Duration
	Slow    uint64   // turns that took longer than Config.SlowTurn
	Slowest SlowTurn // of the last one to two minutes, slow or not; zero: there was none

	// The same by the processor time of the loop's thread, which has no waiting for
	// the processor in it; zero unless Config.ThreadTime is set. Of ThreadSlowest,
	// Took is such time; Began and CallbackTook are by the clock on the wall.
	ThreadCounts  [len(TurnBounds) + 1]uint64
	ThreadSum     time.Duration
	ThreadSlowest SlowTurn
}

// SlowTurn is a turn that took long, and what ran in it.
type SlowTurn struct {
	Began     time.Time
	Took      time.Duration
	Callbacks int // that ran in it, the flush at its end among them

	// Callback names the one that took longest: what it was, and a type or a
	// function, such as "I/O of *main.chat" or "timer main.(*clock).tick".
	Callback     string
	CallbackTook time.Duration
}

// Turns is how long turns took; zero unless Config.SlowTurn is set. It is for
// the loop's goroutine alone.
func (r *Reactor) Turns() Turns {
	t := &r.turns
	if t.clock == nil {
		return Turns{}
	}
	t.age(t.clock())
	return Turns{
		Counts: t.wall.counts, Sum: t.wall.sum, Slow: t.slow, Slowest: t.slowestOf(&t.wall),
		ThreadCounts: t.own.counts, ThreadSum: t.own.sum, ThreadSlowest: t.slowestOf(&t.own),
	}
}

// slowTurn tells whoever wants to know.
func (r *Reactor) slowTurn(turn SlowTurn) {
	if tell := r.config.OnSlowTurn; tell != nil {
		r.guard("in OnSlowTurn", func() { tell(turn) })
	}
}

// slowestFor is how long a turn stays the slowest, at the least; at the most it
// is twice as long.
const slowestFor = time.Minute

// turnClock measures turns: one reading of the clock where a turn begins, and one
// where each callback ends, which is where the next begins. It is off while clock
// is nil. It takes no memory from the heap before a turn is slow. Of the thread's
// clock there are two readings a turn, if anybody asks for them.
type turnClock struct {
	clock func() time.Duration // since base; it never goes back
	base  time.Time
	limit time.Duration
	tell  func(SlowTurn)

	// thread is the processor time of the thread that runs; nil: nobody asks for it.
	thread func() time.Duration

	open  bool
	last  time.Duration // the last reading
	turn  measured      // while open
	spent time.Duration // by thread, where the turn began

	wall, own tally // by clock and by thread
	slow      uint64
	until     time.Duration // when this period of the tallies ends
}

// tally is how long turns took by one of the clocks.
type tally struct {
	counts  [len(TurnBounds) + 1]uint64
	sum     time.Duration
	slowest [2]measured // of this period, and of the one before
}

func (t *tally) add(turn *measured) {
	t.sum += turn.took
	t.counts[bucket(turn.took)]++
	if turn.took > t.slowest[0].took {
		t.slowest[0] = *turn
	}
}

// measured is a SlowTurn of which nobody has asked the names yet.
type measured struct {
	began, took time.Duration
	callbacks   int
	longest     ran
}

// ran is a callback that has run: what it was, and the source, the function or
// the value that it belongs to, if any. It is named only when somebody asks, and so
// keeps what it belongs to: of one turn and of the two that are the slowest.
type ran struct {
	what string
	of   any
	took time.Duration
}

// What a callback can be.
const (
	wasIO       = "I/O of"
	wasPosted   = "posted call"
	wasTimer    = "timer"
	wasShutdown = "shutdown event"
	wasFlush    = "flush"
)

// newTurnClock makes one that is off if limit is 0 or less.
func newTurnClock(limit time.Duration, ofThread bool, tell func(SlowTurn)) turnClock {
	t := turnClock{limit: limit, tell: tell, base: time.Now(), until: slowestFor}
	if base := t.base; limit > 0 {
		t.clock = func() time.Duration { return time.Since(base) }
		if ofThread {
			t.thread = threadClock()
		}
	}
	return t
}

// threadClock reads the processor time of the thread that calls it. A reading is a
// system call, and takes no memory.
func threadClock() func() time.Duration {
	now := new(unix.Timespec)
	return func() time.Duration {
		_ = unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, now) // it fails only for a clock that Linux has not
		return time.Duration(now.Nano())
	}
}

// begin is where a turn begins, unless it has begun.
func (t *turnClock) begin() {
	if t.clock == nil || t.open {
		return
	}
	t.last = t.clock()
	t.open, t.turn = true, measured{began: t.last}
	if t.thread != nil {
		t.spent = t.thread()
	}
}

// skip leaves out of the next callback what was done since the last: it was the
// reactor's own.
func (t *turnClock) skip() {
	if t.clock != nil {
		t.last = t.clock()
	}
}

// skipTo is skip with a reading that was needed anyhow.
func (t *turnClock) skipTo(now time.Time) {
	if t.clock != nil {
		t.last = max(t.last, now.Sub(t.base))
	}
}

// ran takes note that a callback has ended.
func (t *turnClock) ran(what string, of any) {
	if !t.open {
		return
	}
	now := t.clock()
	took := now - t.last
	t.last = now
	t.turn.callbacks++
	if took >= t.turn.longest.took {
		t.turn.longest = ran{what, of, took}
	}
}

// lasted is how long the turn had taken at the last reading; 0 while off.
func (t *turnClock) lasted() time.Duration {
	if !t.open {
		return 0
	}
	return t.last - t.turn.began
}

// end is where a turn ends: at the last reading.
func (t *turnClock) end() {
	if !t.open {
		return
	}
	t.open = false
	turn := t.turn
	turn.took = t.last - turn.began
	t.age(t.last)
	if t.thread != nil {
		own := turn
		own.took = t.thread() - t.spent
		t.own.add(&own)
	}
	t.wall.add(&turn)
	if turn.took > t.limit {
		t.slow++
		t.tell(t.named(turn))
	}
}

// bucket is where a turn is counted. Most are short, so the search begins there.
func bucket(took time.Duration) int {
	for i, bound := range TurnBounds {
		if took <= bound {
			return i
		}
	}
	return len(TurnBounds)
}

// age forgets the slowest turns of long ago.
func (t *turnClock) age(now time.Duration) {
	for now >= t.until {
		long := now >= t.until+slowestFor // a loop that had nothing to do
		for _, by := range []*tally{&t.wall, &t.own} {
			by.slowest[0], by.slowest[1] = measured{}, by.slowest[0]
			if long {
				by.slowest[1] = measured{}
			}
		}
		if long {
			t.until = now
		}
		t.until += slowestFor
	}
}

// slowestOf is the zero value where there was none.
func (t *turnClock) slowestOf(by *tally) SlowTurn {
	slowest := by.slowest[0]
	if by.slowest[1].took > slowest.took {
		slowest = by.slowest[1]
	}
	if slowest.took == 0 {
		return SlowTurn{}
	}
	return t.named(slowest)
}

func (t *turnClock) named(m measured) SlowTurn {
	return SlowTurn{
		Began: t.base.Add(m.began), Took: m.took, Callbacks: m.callbacks,
		Callback: m.longest.String(), CallbackTook: m.longest.took,
	}
}

// String names a callback by its type or function.
func (c ran) String() string {
	name := ""
	switch of := c.of.(type) {
	case nil:
		return c.what
	case func():
		name = functionName(of)
	case *transport:
		name = fmt.Sprintf("%T", of.protocol)
	case *port:
		name = fmt.Sprintf("%T", of.factory)
	case *attempt:
		name = fmt.Sprintf("%T", of.connector.Factory())
	default:
		name = fmt.Sprintf("%T", of)
	}
	return c.what + " " + name
}

// functionName is a function's name as it stands in a stack: with its package,
// and func1 for a literal. Of a method that was passed as a value, it is the
// method's.
func functionName(f func()) string {
	return strings.TrimSuffix(runtime.FuncForPC(reflect.ValueOf(f).Pointer()).Name(), "-fm")
}
