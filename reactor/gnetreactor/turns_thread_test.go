//go:build linux

package gnetreactor

import (
	"testing"
	"time"
)

// TestATurnIsMeasuredByItsThreadsTimeToo has two turns, of which the one that waited
// for the processor is the longer by the clock, and the other by its thread's time.
func TestATurnIsMeasuredByItsThreadsTimeToo(t *testing.T) {
	r := New(Config{SlowTurn: time.Hour, ThreadTime: true})
	now, spent := time.Duration(0), time.Minute
	r.turns.clock = func() time.Duration { return now }
	r.turns.thread = func() time.Duration { return spent }
	turn := func(took, own time.Duration, what string) {
		spent += time.Second // what the thread does between turns is in none
		r.turns.begin()
		now += took
		spent += own
		r.turns.ran(what, nil)
		r.turns.end()
	}
	turn(9*time.Millisecond, 300*time.Microsecond, wasIO)
	turn(3*time.Millisecond, 3*time.Millisecond, wasPosted)
	told := r.Turns()
	want := SlowTurn{Began: r.turns.base.Add(9 * time.Millisecond), Took: 3 * time.Millisecond, Callbacks: 1, Callback: wasPosted, CallbackTook: 3 * time.Millisecond}
	if told.Slowest.Took != 9*time.Millisecond || told.Slowest.Callback != wasIO || told.ThreadSlowest != want {
		t.Errorf("the slowest are %+v by the clock and %+v by the thread's time, want %+v", told.Slowest, told.ThreadSlowest, want)
	}
	var counts, own [len(TurnBounds) + 1]uint64
	counts[bucket(9*time.Millisecond)], counts[bucket(3*time.Millisecond)] = 1, 1
	own[bucket(300*time.Microsecond)], own[bucket(3*time.Millisecond)] = 1, 1
	if told.Counts != counts || told.Sum != 12*time.Millisecond || told.ThreadCounts != own || told.ThreadSum != 3300*time.Microsecond {
		t.Errorf("counted were %v in %v, and %v in %v of the thread's", told.Counts, told.Sum, told.ThreadCounts, told.ThreadSum)
	}
	now += 2 * slowestFor
	if told := r.Turns(); told.ThreadSlowest != (SlowTurn{}) || told.ThreadCounts != own {
		t.Errorf("of long ago there are %+v and %v", told.ThreadSlowest, told.ThreadCounts)
	}
}

// TestALoopThatComputesHasSpentItsThreadsTime has a callback compute until its
// thread's clock says that it has for long enough, which says how long its turn was.
func TestALoopThatComputesHasSpentItsThreadsTime(t *testing.T) {
	const enough = 3 * time.Millisecond
	r, _ := newTestReactor(t, Config{SlowTurn: time.Hour, ThreadTime: true})
	clock := threadClock()
	r.CallWhenRunning(func() {
		r.CallFromThread(func() {
			for from := clock(); clock()-from < enough; {
			}
			r.CallLater(0, func() { stop(r) })
		})
	})
	run(t, r)
	if told := r.Turns(); told.ThreadSlowest.Took < enough || told.ThreadSum < told.ThreadSlowest.Took {
		t.Errorf("its turns took %v of the thread's time, the longest %v, and it computed for %v", told.ThreadSum, told.ThreadSlowest.Took, enough)
	}
}

func TestWithoutSlowTurnsThereIsNoThreadsTime(t *testing.T) {
	r, _ := newTestReactor(t, Config{ThreadTime: true})
	r.CallWhenRunning(func() { r.CallLater(0, func() { stop(r) }) })
	run(t, r)
	if told := r.Turns(); told != (Turns{}) {
		t.Errorf("it has measured %+v", told)
	}
}

func TestMeasuringATurnAllocatesNothing(t *testing.T) {
	r := New(Config{SlowTurn: time.Hour, ThreadTime: true})
	if n := testing.AllocsPerRun(100, func() {
		r.turns.begin()
		r.turns.ran(wasIO, r)
		r.turns.end()
	}); n != 0 {
		t.Errorf("a turn that is measured takes %v allocations", n)
	}
}
