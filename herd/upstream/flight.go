package upstream

import (
	"bytes"
	"context"
	"errors"
	"runtime/debug"
	"slices"
	"time"

	"github.com/sony/gobreaker/v2"
)

// flight is a question under way, and those who wait for its answer. Its time is Config.Timeout from its beginning, so
// that who joins late cannot keep one alive that gets no answer.
type flight struct {
	cancel  context.CancelCauseFunc
	waiting []*waiter // in the order in which they came; guarded by Client.mu
}

// waiter is one who waits.
type waiter struct {
	done   func(Result)
	forget func() bool // its context needs no more watching
}

// join adds a waiter to the flight of its question, which begins if there is none.
func (c *Client) join(ctx context.Context, q Query, done func(Result)) {
	w := &waiter{done: done}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		go done(c.failed(0, interrupted(c.config.Kind.Name(), context.Canceled)))
		return
	}
	f := c.flights[q]
	if f == nil {
		f = c.begin(q)
	} else {
		c.counts.shared.Add(1)
	}
	f.waiting = append(f.waiting, w)
	w.forget = context.AfterFunc(ctx, func() { c.leave(ctx, q, f, w) })
}

// begin starts a flight. Client.mu is held.
func (c *Client) begin(q Query) *flight {
	ctx, cancel := context.WithCancelCause(c.base)
	f := &flight{cancel: cancel}
	c.flights[q] = f
	c.flying.Go(func() {
		defer cancel(nil)
		ctx, stop := context.WithTimeout(ctx, c.config.Timeout)
		defer stop()
		yield()
		result := c.find(ctx, q)
		yield()
		c.land(q, f, result)
	})
	return f
}

// leave takes out a waiter whose context has ended. With the last one the flight is broken off: nobody wants its answer.
func (c *Client) leave(ctx context.Context, q Query, f *flight, w *waiter) {
	c.mu.Lock()
	at := slices.Index(f.waiting, w)
	if at >= 0 {
		f.waiting = slices.Delete(f.waiting, at, at+1)
		if len(f.waiting) == 0 {
			c.forget(q, f)
			// A flight whose last waiter ran out of time was too slow, and counts as that.
			f.cancel(ctx.Err())
		}
	}
	c.mu.Unlock()
	if at >= 0 { // else the answer came just before
		w.done(c.failed(0, interrupted(c.config.Kind.Name(), ctx.Err())))
	}
}

// land gives everybody who still waits the result, each a line of its own.
func (c *Client) land(q Query, f *flight, result Result) {
	c.mu.Lock()
	waiting := f.waiting
	f.waiting = nil
	c.forget(q, f)
	c.mu.Unlock()
	for i, w := range waiting {
		w.forget()
		own := result
		if i > 0 {
			own.Line = bytes.Clone(result.Line)
		}
		w.done(own)
	}
}

// forget makes the next equal question a new flight. Client.mu is held.
func (c *Client) forget(q Query, f *flight) {
	if c.flights[q] == f {
		delete(c.flights, q)
	}
}

// find gets the answer for a flight, once there is a slot for it and if the breaker lets it pass.
func (c *Client) find(ctx context.Context, q Query) (result Result) {
	name := c.config.Kind.Name()
	defer func() {
		if v := recover(); v != nil {
			result = c.failed(0, broken(name, v, debug.Stack()))
		}
	}()
	select {
	case c.slots <- struct{}{}:
		defer func() { <-c.slots }()
	case <-ctx.Done():
		return c.failed(0, interrupted(name, reason(ctx, ctx.Err())))
	}
	// It may have waited long for its slot.
	if f := c.refusal(time.Now()); f != nil {
		return c.failed(0, f)
	}
	result, err := c.breaker.Execute(func() (Result, error) {
		r := c.attempts(ctx, q)
		return r, r.Err
	})
	if errors.Is(err, gobreaker.ErrOpenState) || errors.Is(err, gobreaker.ErrTooManyRequests) {
		return c.failed(0, resting(name))
	}
	if result.Err == nil {
		c.cache.put(q, result, time.Now())
	}
	return result
}

// reason is what an error of a context's end means: the cause, where that was a deadline of somebody else's.
func reason(ctx context.Context, err error) error {
	if errors.Is(err, context.Canceled) && errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
		return context.DeadlineExceeded
	}
	return err
}
