package deferred

import (
	"errors"
	"fmt"
)

// ErrQueueOverflow is a Put into a full queue:
// twisted/internet/defer.py:1421 QueueOverflow.
var ErrQueueOverflow = errors.New("deferred: the queue is full")

// ErrQueueUnderflow is a Get that is one too many to wait:
// twisted/internet/defer.py:1426 QueueUnderflow.
var ErrQueueUnderflow = errors.New("deferred: as many wait for the queue as may")

// Unlimited is a size or a backlog without bound: None as an argument of
// twisted/internet/defer.py:1449 __init__.
const Unlimited = -1

// DeferredQueue hands objects on, first in, first out, to those who wait for
// them: twisted/internet/defer.py:1431 DeferredQueue.
type DeferredQueue[T any] struct {
	size, backlog int
	pending       []T
	queue         queue[T]
}

// NewDeferredQueue makes a queue that holds at most size objects, while at most
// backlog may wait for one: twisted/internet/defer.py:1449 __init__. Unlimited,
// or any other negative number, is no bound; 0 is none at all.
func NewDeferredQueue[T any](size, backlog int) *DeferredQueue[T] {
	return &DeferredQueue[T]{size: size, backlog: backlog}
}

// Put gives object to the first who waits, or keeps it:
// twisted/internet/defer.py:1471 put. It returns ErrQueueOverflow if there is
// no room.
func (q *DeferredQueue[T]) Put(object T) error {
	if d := q.queue.next(); d != nil {
		d.Callback(object)
		return nil
	}
	if q.size >= 0 && len(q.pending) >= q.size {
		return fmt.Errorf("%w: it holds %d", ErrQueueOverflow, q.size)
	}
	q.pending = append(q.pending, object)
	return nil
}

// Get fires with the next object: twisted/internet/defer.py:1485 get.
// Cancelling before that gives up the place in the queue. It returns
// ErrQueueUnderflow if too many wait already.
func (q *DeferredQueue[T]) Get() (*Deferred[T], error) {
	if len(q.pending) > 0 {
		object := q.pending[0]
		var none T
		q.pending[0] = none // for the collector
		q.pending = q.pending[1:]
		return Succeed(object), nil
	}
	if q.backlog >= 0 && len(q.queue.waiting) >= q.backlog {
		return nil, fmt.Errorf("%w: %d", ErrQueueUnderflow, q.backlog)
	}
	return q.queue.join(), nil
}
