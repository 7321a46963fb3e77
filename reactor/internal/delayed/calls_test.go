package delayed

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"proxyherd/reactor"
)

func TestAPass(t *testing.T) { // TI2, TI3, LP3
	t.Run("runs nothing that was made after it began", func(t *testing.T) {
		l := newLoop(t)
		l.Later(0, func() { l.ran = append(l.ran, "first"); l.later(0, "made by the first") })
		l.later(0, "second")
		l.turn()
		l.wantRan("first", "second")
		l.turn()
		l.wantRan("first", "second", "made by the first")
	})
	t.Run("runs nothing that came due after it began", func(t *testing.T) {
		l := newLoop(t)
		l.Later(0, func() { l.ran = append(l.ran, "slow"); l.now = l.now.Add(time.Minute) })
		l.later(time.Second, "due meanwhile")
		l.turn()
		l.wantRan("slow")
		l.turn()
		l.wantRan("slow", "due meanwhile")
	})
	t.Run("does not run a call that an earlier one cancels or puts off", func(t *testing.T) {
		l := newLoop(t)
		var cancelled, delayed *Call
		l.Later(0, func() { l.must(cancelled.Cancel()); l.must(delayed.Delay(time.Second)) })
		cancelled, delayed = l.later(0, "cancelled"), l.later(0, "delayed")
		l.turn()
		l.wantRan()
		l.advance(time.Second)
		l.wantRan("delayed")
	})
	t.Run("runs nothing within Later", func(t *testing.T) {
		l := newLoop(t)
		l.later(0, "call")
		l.wantRan()
	})
}

func TestHowLongALoopSleeps(t *testing.T) { // TI6
	t.Run("for ever without calls", func(t *testing.T) {
		newLoop(t).wantNext(-1)
	})
	t.Run("until the call", func(t *testing.T) {
		l := newLoop(t)
		l.later(100*time.Second, "call")
		l.wantNext(100 * time.Second)
		l.turn()
		l.wantNext(100 * time.Second)
	})
	t.Run("less as time passes", func(t *testing.T) {
		l := newLoop(t)
		l.later(100*time.Second, "call")
		l.now = l.now.Add(25 * time.Second)
		l.wantNext(75 * time.Second)
	})
	t.Run("until the earliest of several", func(t *testing.T) {
		l := newLoop(t)
		l.later(50*time.Second, "in the middle")
		l.turn()
		l.later(10*time.Second, "earliest")
		l.later(100*time.Second, "latest")
		l.wantNext(10 * time.Second)
		l.turn()
		l.wantNext(10 * time.Second)
	})
	t.Run("longer after a reset", func(t *testing.T) {
		l := newLoop(t)
		call := l.later(50*time.Second, "call")
		l.now = l.now.Add(25 * time.Second)
		l.must(call.Reset(50 * time.Second))
		l.wantNext(50 * time.Second)
	})
	t.Run("longer after a delay", func(t *testing.T) {
		l := newLoop(t)
		call := l.later(50*time.Second, "call")
		l.now = l.now.Add(10 * time.Second)
		l.must(call.Delay(20 * time.Second))
		l.wantNext(60 * time.Second)
	})
	t.Run("for ever after the only call was cancelled", func(t *testing.T) {
		l := newLoop(t)
		l.must(l.later(50*time.Second, "call").Cancel())
		l.wantNext(-1)
	})
	t.Run("too short at worst when a call in the heap is put off or cancelled", func(t *testing.T) {
		l := newLoop(t)
		off, gone := l.later(50*time.Second, "put off"), l.later(60*time.Second, "cancelled")
		l.turn()
		l.must(off.Delay(time.Hour))
		l.must(gone.Cancel())
		l.wantNext(50 * time.Second)
		l.advance(50 * time.Second)
		l.wantRan()
		l.wantNext(10 * time.Second)
		l.advance(10 * time.Second)
		l.wantRan()
		l.wantNext(time.Hour - 10*time.Second)
	})
}

func TestSoonerIsToldWhatNextDidNotSay(t *testing.T) {
	l := newLoop(t)
	var told []time.Duration
	l.Sooner = func(due time.Time) { told = append(told, due.Sub(start)) }
	want := func(what string, all ...time.Duration) {
		t.Helper()
		if !slices.Equal(told, all) {
			t.Errorf("%s: told of %v, want %v", what, told, all)
		}
		told = nil
	}
	call := l.later(10*time.Second, "call")
	want("a new call", 10*time.Second)
	l.must(call.Reset(50 * time.Second))
	want("a call that is put off")
	l.wantNext(50 * time.Second) // the loop goes to sleep until then
	l.must(call.Reset(20 * time.Second))
	want("a call that is brought forward, not before its first time", 20*time.Second)
	l.turn()
	l.must(call.Delay(-15 * time.Second))
	want("a call in the heap", 5*time.Second)
	l.wantNext(5 * time.Second)
}

func TestPendingListsWhatIsNeitherCalledNorCancelled(t *testing.T) { // TI5
	l := newLoop(t)
	called, inHeap, goneFromHeap := l.later(0, "called"), l.later(time.Hour, "in the heap"), l.later(time.Hour, "gone")
	want := func(when string, calls ...reactor.DelayedCall) {
		t.Helper()
		pending := l.Pending()
		for _, call := range calls {
			if !slices.Contains(pending, call) {
				t.Errorf("%s: %v is not listed", when, call)
			}
		}
		if len(pending) != len(calls) {
			t.Errorf("%s: %d calls are listed, want %d", when, len(pending), len(calls))
		}
	}
	want("at first", called, inHeap, goneFromHeap)
	l.turn()
	l.must(goneFromHeap.Cancel())
	fresh, goneFresh := l.later(0, "new"), l.later(0, "new and gone")
	l.must(goneFresh.Cancel())
	want("in the heap and not yet", inHeap, fresh)
	l.advance(time.Hour)
	want("in the end")
	l.wantRan("called", "new", "in the heap")
}

func TestCancelledCallsAreSwept(t *testing.T) { // TI7
	l := newLoop(t)
	l.must(l.later(time.Hour, "gone before it entered the heap").Cancel())
	kept := l.later(time.Hour, "kept")
	var gone []*Call
	for range 51 {
		gone = append(gone, l.later(time.Minute, "gone"))
	}
	l.turn()
	for _, call := range gone[:50] {
		l.must(call.Cancel())
	}
	l.turn()
	if len(l.heap) != 52 {
		t.Errorf("%d calls are in the heap after 50 of 52 were cancelled; no more than 50 should be worth no sweep", len(l.heap))
	}
	l.must(gone[50].Cancel())
	l.turn()
	if len(l.heap) != 1 || l.cancelled != 0 {
		t.Errorf("%d calls are in the heap, %d counted as cancelled; want 1 and 0", len(l.heap), l.cancelled)
	}
	l.must(kept.Reset(time.Second)) // it must still know its place
	l.advance(time.Second)
	l.wantRan("kept")
}

func TestLaterRefusesWhatCannotBeMeant(t *testing.T) { // TI2
	for name, call := range map[string]func(l *loop){
		"a negative delay": func(l *loop) { l.later(-1, "call") },
		"no function":      func(l *loop) { l.Later(0, nil) },
	} {
		t.Run(name, func(t *testing.T) {
			l := newLoop(t)
			defer func() {
				if recover() == nil {
					t.Error("it was accepted")
				}
				l.wantNext(-1)
			}()
			call(l)
		})
	}
}

// TestCallsAgainstAList plays random calls against a plain list that is
// searched from end to end.
func TestCallsAgainstAList(t *testing.T) {
	random := rand.New(rand.NewPCG(13, 2))
	for range 200 {
		l := newLoop(t)
		due := map[*Call]time.Time{}
		ran := 0
		for range 100 {
			var call *Call
			call = l.Later(time.Duration(random.IntN(1000)), func() {
				if due[call].After(l.now) || call.Active() {
					t.Errorf("%v ran at %v", call, l.now)
				}
				delete(due, call)
				ran++
			})
			due[call] = call.GetTime()
			if random.IntN(2) == 0 {
				l.Admit()
			}
			switch d := time.Duration(random.IntN(1000)); random.IntN(5) {
			case 0:
				l.must(call.Cancel())
				delete(due, call)
			case 1:
				l.must(call.Reset(d))
				due[call] = l.now.Add(d)
			case 2:
				l.must(call.Delay(d - 500))
				due[call] = due[call].Add(d - 500)
			}
			if random.IntN(10) == 0 {
				l.advance(time.Duration(random.IntN(300)))
			}
			for call, at := range due {
				if next, found := l.Next(); !found || next.After(at) || !call.GetTime().Equal(at) {
					t.Fatalf("%v is due at %v; the loop sleeps until %v", call, at, next)
				}
			}
		}
		l.turn()
		l.advance(time.Hour)
		if len(due) != 0 || ran == 0 {
			t.Fatalf("%d calls did not run, %d did", len(due), ran)
		}
	}
}
