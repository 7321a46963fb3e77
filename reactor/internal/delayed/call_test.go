package delayed

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"proxyherd/reactor"
)

func TestACall(t *testing.T) { // DC1 to DC6
	t.Run("is due after its delay on the loop's clock", func(t *testing.T) {
		l := newLoop(t)
		l.now = l.now.Add(time.Hour)
		if call, want := l.later(90*time.Second, "call"), start.Add(time.Hour+90*time.Second); !call.GetTime().Equal(want) {
			t.Errorf("it is due at %v, want %v", call.GetTime(), want)
		}
	})
	t.Run("put off, is due at its time and what was added", func(t *testing.T) {
		l := newLoop(t)
		call := l.later(time.Second, "call")
		l.must(call.Delay(time.Minute))
		l.must(call.Delay(time.Hour))
		if want := start.Add(time.Second + time.Minute + time.Hour); !call.GetTime().Equal(want) {
			t.Errorf("it is due at %v, want %v", call.GetTime(), want)
		}
	})
	t.Run("is reset by the loop's clock", func(t *testing.T) {
		l := newLoop(t)
		call := l.later(10*time.Second, "call")
		l.advance(3 * time.Second)
		l.must(call.Reset(10 * time.Second))
		l.advance(9 * time.Second)
		l.wantRan()
		l.advance(time.Second)
		l.wantRan("call")
	})
	t.Run("is reset by the clock that it was given, not by another", func(t *testing.T) {
		l, other := newLoop(t), newLoop(t)
		call := l.later(10*time.Second, "call")
		other.advance(time.Hour)
		l.must(call.Reset(5 * time.Second))
		if want := start.Add(5 * time.Second); !call.GetTime().Equal(want) {
			t.Errorf("it is due at %v, want %v", call.GetTime(), want)
		}
	})
	t.Run("is active until it runs", func(t *testing.T) {
		l := newLoop(t)
		call := l.later(time.Second, "call")
		if !call.Active() {
			t.Error("a new call is not active")
		}
		l.turn()
		if !call.Active() {
			t.Error("a pending call is not active")
		}
		l.advance(time.Second)
		l.wantRan("call")
		if call.Active() {
			t.Error("a call that ran is active")
		}
	})
	t.Run("cancelled, cannot be cancelled, reset or delayed", func(t *testing.T) {
		l := newLoop(t)
		call := l.later(time.Second, "call")
		l.must(call.Cancel())
		wantAll(t, call, reactor.ErrAlreadyCancelled)
		l.advance(time.Second)
		wantAll(t, call, reactor.ErrAlreadyCancelled)
		l.wantRan()
	})
	t.Run("having run, cannot be cancelled, reset or delayed", func(t *testing.T) {
		l := newLoop(t)
		call := l.later(time.Second, "call")
		l.advance(time.Second)
		wantAll(t, call, reactor.ErrAlreadyCalled)
		l.advance(time.Hour)
		l.wantRan("call")
	})
	t.Run("brought back to the past, runs in the next pass", func(t *testing.T) {
		l := newLoop(t)
		call := l.later(time.Second, "call")
		l.turn()
		l.must(call.Delay(-time.Hour))
		l.wantRan()
		l.turn()
		l.wantRan("call")
	})
	t.Run("shows its number, its time and its state", func(t *testing.T) {
		l := newLoop(t)
		l.later(0, "another")
		if got, want := l.later(time.Minute, "call").String(), "call 2, due at 2013-11-08T12:01:00Z (pending)"; got != want {
			t.Errorf("it is %q, want %q", got, want)
		}
	})
	t.Run("is a string in every state", func(t *testing.T) {
		l := newLoop(t)
		called, cancelled := l.later(0, "call"), l.later(0, "cancelled")
		l.must(cancelled.Cancel())
		fresh := fmt.Sprint(cancelled)
		l.turn()
		l.later(0, "pending")
		for _, test := range []struct{ got, want string }{
			{fresh, "(cancelled)"}, {fmt.Sprint(cancelled), "(cancelled)"}, {fmt.Sprint(called), "(called)"},
			{fmt.Sprint(l.Pending()), "(pending)"},
		} {
			if !strings.Contains(test.got, test.want) {
				t.Errorf("it is %q, want one that is %s", test.got, test.want)
			}
		}
	})
}

func wantAll(t *testing.T, call *Call, want error) {
	t.Helper()
	for what, err := range map[string]error{
		"Cancel": call.Cancel(), "Reset": call.Reset(0), "Delay": call.Delay(0), "Delay back": call.Delay(-time.Hour),
	} {
		if !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", what, err, want)
		}
	}
}

func TestTheOrderOfCalls(t *testing.T) { // DC7, TI4
	l := newLoop(t)
	early, late := l.later(time.Second, "early"), l.later(2*time.Second, "late")
	twin := l.later(time.Second, "twin")
	t.Run("an earlier call is less than a later one", func(t *testing.T) {
		if !early.before(late) || late.before(early) {
			t.Errorf("early < late is %t, late < early is %t", early.before(late), late.before(early))
		}
	})
	t.Run("of two calls of one time the first made is less, and none is less than itself", func(t *testing.T) {
		if !early.before(twin) || twin.before(early) || early.before(early) {
			t.Errorf("first < second is %t, second < first is %t, first < first is %t", early.before(twin), twin.before(early), early.before(early))
		}
	})
	t.Run("a call is equal to itself", func(t *testing.T) {
		if a, b := reactor.DelayedCall(early), reactor.DelayedCall(early); a != b {
			t.Error("it is not")
		}
	})
	t.Run("two calls of one time are not equal", func(t *testing.T) {
		if a, b := reactor.DelayedCall(early), reactor.DelayedCall(twin); a == b {
			t.Error("they are")
		}
	})
	t.Run("calls of one time run in the order in which they were made", func(t *testing.T) {
		l := newLoop(t)
		var want []string
		for i := range 10 {
			l.later(time.Second, fmt.Sprint(i))
			want = append(want, fmt.Sprint(i))
		}
		l.advance(time.Second)
		l.wantRan(want...)
	})
	t.Run("also when the clock is too coarse to tell when they were made", func(t *testing.T) {
		// The clock has one tick a second, and all three are made within it.
		l := newLoop(t)
		coarse := l.now
		l.Now = func() time.Time { return coarse }
		l.later(time.Second, "first")
		l.now = l.now.Add(400 * time.Millisecond)
		l.later(time.Second, "second")
		l.now = l.now.Add(400 * time.Millisecond)
		l.later(time.Second, "third")
		l.advance(200 * time.Millisecond)
		l.wantRan("first", "second", "third")
	})
}
