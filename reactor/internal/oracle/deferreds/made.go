package deferreds

import (
	"errors"
	"fmt"
	"strings"

	"proxyherd/reactor/deferred"
	"proxyherd/reactor/internal/oracle/noting"
	"proxyherd/reactor/internal/oracle/scenario"
)

// failure is an error of the script's.
type failure int

func (f failure) Error() string { return fmt.Sprintf("E%d", int(f)) }

// nameOf is the event's name of an error, or of what was recovered.
func nameOf(recovered any) string {
	err, ok := recovered.(error)
	if !ok {
		return noting.Name(recovered)
	}
	var first *deferred.FirstError
	var told failure
	var boom noting.Boom
	switch {
	case errors.Is(err, deferred.ErrNoneSucceeded): // it wraps the others' errors
		return "NoneSucceeded"
	case errors.As(err, &first):
		return fmt.Sprintf("First(%d,%s)", first.Index, nameOf(first.Err))
	case errors.As(err, &told):
		return told.Error()
	case errors.As(err, &boom):
		return noting.Name(boom)
	case errors.Is(err, deferred.ErrCancelled):
		return "Cancelled"
	case errors.Is(err, deferred.ErrAlreadyCalled):
		return "AlreadyCalled"
	case errors.Is(err, deferred.ErrNotAcquired):
		return "NotAcquired"
	}
	return noting.Name(recovered)
}

// list makes a list of Deferreds; what it comes to is an event.
func (p *player) list(w scenario.Words) {
	if p.things[w.Word(1)] != nil {
		return
	}
	var members []*deferred.Deferred[int]
	for i := 3; i < len(w); i++ {
		if n := p.nodes[w[i]]; n != nil {
			p.feed(w[i], w.Word(1))
			members = append(members, n.Deferred)
		}
	}
	options := deferred.ListOptions{
		FireOnOneErrback: strings.Contains(w.Word(2), "e"),
		ConsumeErrors:    strings.Contains(w.Word(2), "c"),
	}
	switch w.Word(0) {
	case "list":
		d := deferred.DeferredList(members, options)
		p.things[w.Word(1)] = d
		ended(p, "listed", w.Word(1), d, func(results []deferred.Result[int]) (words []any) {
			for _, r := range results {
				words = append(words, show(r.Value, r.Err))
			}
			return words
		})
	case "first":
		d := deferred.FireOnOneCallback(members, options)
		p.things[w.Word(1)] = d
		ended(p, "first", w.Word(1), d, func(first deferred.First[int]) []any { return []any{first.Value, "of", first.Index} })
	case "gather":
		d := deferred.GatherResults(members, options.ConsumeErrors)
		p.things[w.Word(1)] = d
		ended(p, "gathered", w.Word(1), d, func(values []int) (words []any) {
			for _, v := range values {
				words = append(words, v)
			}
			return words
		})
	}
}

// ended notes what a thing of the script's comes to, and is a callback.
func ended[T any](p *player, event, name string, d *deferred.Deferred[T], words func(T) []any) {
	d.AddBoth(func(value T, err error) (T, error) {
		result := []any{event, name}
		if err != nil {
			result = append(result, nameOf(err))
		} else {
			result = append(result, words(value)...)
		}
		p.stack = append(p.stack, name)
		defer func() { p.stack = p.stack[:len(p.stack)-1] }()
		p.stage.Note(result...)
		p.stage.Enter("end")
		return value, err
	})
}

// turns is a DeferredLock or a DeferredSemaphore.
type turns interface {
	acquire(p *player, name string)
	run(f func() *deferred.Deferred[int]) *deferred.Deferred[int]
	release()
}

// of makes turns of either.
type of[P any] struct {
	deferred.ConcurrencyPrimitive[P]
}

func (o of[P]) acquire(p *player, name string) {
	d := o.Acquire()
	p.things[name] = d
	ended(p, "acquired", name, d, func(P) []any { return nil })
}

func (o of[P]) run(f func() *deferred.Deferred[int]) *deferred.Deferred[int] {
	return deferred.Run[int](o.ConcurrencyPrimitive, f)
}

func (o of[P]) release() { o.Release() }

// primitive plays a statement about a lock or a semaphore.
func (p *player) primitive(w scenario.Words) {
	t := p.turns[w.Word(1)]
	switch what := w.Word(0); {
	case what == "lock" && t == nil:
		p.turns[w.Word(1)] = of[*deferred.DeferredLock]{&deferred.DeferredLock{}}
	case what == "semaphore" && t == nil:
		if s, err := deferred.NewDeferredSemaphore(w.Int(2)); err != nil {
			p.stage.Note("refused", "NoTokens")
		} else {
			p.turns[w.Word(1)] = of[*deferred.DeferredSemaphore]{s}
		}
	case t == nil:
	case what == "acquire" && p.things[w.Word(2)] == nil:
		t.acquire(p, w.Word(2))
	case what == "release":
		t.release()
	case (what == "run" || what == "runWait") && p.nodes[w.Word(2)] == nil:
		p.run(w, t)
	}
}

// run has a function run in its turn.
func (p *player) run(w scenario.Words, t turns) {
	d := t.run(func() *deferred.Deferred[int] {
		p.begun[w.Word(2)] = true
		if w.Word(0) == "runWait" {
			_, _ = p.step(w, 4, 0, nil) // there are no such words: only its events count
			if n := p.nodes[w.Word(3)]; n != nil && w.Int(3) > w.Int(2) {
				p.noteAwaited(w.Word(2), w.Word(3))
				return n.Deferred
			}
			return deferred.Succeed(0)
		}
		return deferred.MaybeDeferred[int](func() (int, error) { return p.step(w, 3, 0, nil) })
	})
	p.nodes[w.Word(2)] = &node{Deferred: d, run: true}
}

// queue plays a statement about a DeferredQueue.
func (p *player) queue(w scenario.Words) {
	q := p.queues[w.Word(1)]
	switch what := w.Word(0); {
	case what == "queue" && q == nil:
		p.queues[w.Word(1)] = deferred.NewDeferredQueue[int](w.Int(2), w.Int(3))
	case q == nil:
	case what == "put":
		if errors.Is(q.Put(w.Int(2)), deferred.ErrQueueOverflow) {
			p.stage.Note("refused", "Overflow")
		}
	case what == "get" && p.things[w.Word(2)] == nil:
		d, err := q.Get()
		if errors.Is(err, deferred.ErrQueueUnderflow) {
			p.stage.Note("refused", "Underflow")
			return
		}
		p.things[w.Word(2)] = d
		ended(p, "got", w.Word(2), d, func(object int) []any { return []any{object} })
	}
}
