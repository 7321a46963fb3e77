package deferred_test

import (
	"testing"

	"proxyherd/reactor/deferred"
)

func TestCircle(t *testing.T) {
	d := deferred.New[int](nil)
	d.AddDeferred(func(int) *number { return d })
	h := listen(t, d)
	d.Callback(1)
	h.failed(deferred.ErrCircular)

	var next *deferred.Deferred[string]
	start := deferred.New[int](nil)
	next = deferred.Chain(start, func(int) *deferred.Deferred[string] { return next })
	words := listen(t, next)
	start.Callback(1)
	words.failed(deferred.ErrCircular)
}

// TestStack builds chains of different lengths and sees how deep in calls the
// last step is.
func TestStack(t *testing.T) {
	var deepest int
	look := func(n int) (int, error) { deepest = max(deepest, depth()); return n, nil }
	for _, c := range []struct {
		name string
		run  func(length int)
	}{
		{"inner Deferreds, fired from the inside", func(length int) {
			inner := deferred.New[int](nil)
			d := inner
			for range length {
				d = deferred.Succeed(0).AddDeferred(waitFor(d)).AddCallback(look)
			}
			inner.Callback(1)
		}},
		{"inner Deferreds, fired from the outside", func(length int) {
			chain := make(numbers, length)
			for i := range chain {
				chain[i] = deferred.New[int](nil)
				if i > 0 {
					chain[i-1].AddDeferred(waitFor(chain[i])).AddCallback(look)
				}
			}
			for _, d := range chain {
				d.Callback(1)
			}
		}},
		{"Then upon Then", func(length int) {
			start := deferred.New[int](nil)
			d := start
			for range length {
				d = deferred.Then(d, look)
			}
			start.Callback(1)
		}},
		{"Chain upon Chain", func(length int) {
			start := deferred.New[int](nil)
			d := start
			for range length {
				d = deferred.Chain(d, func(n int) *number { return deferred.Succeed(n).AddCallback(look) })
			}
			start.Callback(1)
		}},
		{"ChainDeferred upon ChainDeferred", func(length int) {
			start := deferred.New[int](nil)
			d := start
			for range length {
				next := deferred.New[int](nil).AddCallback(look)
				d.ChainDeferred(next)
				d = next
			}
			start.Callback(1)
		}},
		{"panics one after the other", func(length int) {
			d := deferred.New[int](nil)
			for range length {
				d.AddBoth(func(n int, _ error) (int, error) { _, _ = look(n); panic("again") })
			}
			d.Callback(1)
		}},
		{"cancelling", func(length int) {
			d := deferred.New(func(*number) { _, _ = look(0) })
			for range length {
				d = deferred.Succeed(0).AddDeferred(waitFor(d)).AddErrback(restart).AddCallback(look)
			}
			d.Cancel()
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			deepest = 0
			c.run(10)
			short := deepest
			c.run(2000)
			if deepest != short || short == 0 {
				t.Errorf("10 Deferreds go %d calls deep, 2000 go %d", short, deepest)
			}
		})
	}
}
