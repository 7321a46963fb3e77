package deferred_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"proxyherd/reactor"
	"proxyherd/reactor/deferred"
)

func TestFailure(t *testing.T) {
	wrapped := fmt.Errorf("fetching a page: %w", errFirst)
	t.Run("checks, traps and keeps its value", func(t *testing.T) {
		equal(t, "Check", deferred.Check(wrapped, errSecond, errFirst), errFirst)
		equal(t, "Check of another kind", deferred.Check(wrapped, errSecond), nil)
		matched, other := deferred.Trap(wrapped, errSecond, errFirst)
		equal(t, "trapped", matched, errFirst)
		equal(t, "left over", other, nil)
		matched, other = deferred.Trap(wrapped, errSecond)
		equal(t, "trapped", matched, nil)
		equal(t, "left over", other, wrapped)
		equal(t, "message", wrapped.Error(), "fetching a page: the first thing went wrong")
		equal(t, "Check without an error", deferred.Check(nil, errFirst), nil)
	})
	t.Run("a subclass is of its base's kind", func(t *testing.T) {
		equal(t, "Check", deferred.Check(reactor.ErrConnectionDone, reactor.ErrConnectionClosed), reactor.ErrConnectionClosed)
	})
	t.Run("what an errback does not trap goes to the next", func(t *testing.T) {
		d := deferred.Fail[int](wrapped).AddErrback(func(err error) (int, error) {
			_, err = deferred.Trap(err, errSecond)
			return 1, err
		})
		listen(t, d).failed(errFirst)
		d.AddErrback(func(err error) (int, error) {
			_, err = deferred.Trap(err, errFirst)
			return 2, err
		})
		listen(t, d).got(2)
	})
	t.Run("a panic has its value, message and place", func(t *testing.T) {
		h := listen(t, deferred.Succeed(1).AddCallback(panicsHere))
		var p *deferred.PanicError
		if !errors.As(h.err, &p) {
			t.Fatalf("got %v", h.err)
		}
		equal(t, "value", p.Value, any("no such page"))
		equal(t, "message", p.Error(), "panic in a callback: no such page")
		equal(t, "unwrapped", p.Unwrap(), nil)
		if !strings.Contains(string(p.Stack), "panicsHere") {
			t.Errorf("the stack does not tell the place:\n%s", p.Stack)
		}
	})
}

func panicsHere(int) (int, error) { panic("no such page") }
