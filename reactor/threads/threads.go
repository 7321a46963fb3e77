package threads

import (
	"errors"
	"fmt"

	"proxyherd/reactor"
	"proxyherd/reactor/deferred"
)

// ErrPoolStopped is the result of work that came after its pool had stopped.
var ErrPoolStopped = errors.New("the thread pool has stopped: it takes no more work")

// Loop takes calls from other goroutines. Every reactor does.
type Loop interface {
	// CallFromThread runs f on the loop. It returns false, and drops f, once
	// the loop has ended for good.
	CallFromThread(f func()) bool
}

// Workers take functions that may block. Every reactor does, and a ThreadPool.
type Workers interface {
	// CallInThread runs f on a worker. It returns false, and drops f, once the
	// workers have stopped.
	CallInThread(f func()) bool
}

var _ interface {
	Loop
	Workers
} = reactor.Threads(nil)

// DeferToThread runs f on the reactor's pool and gives its result on the loop:
// twisted/internet/threads.py:58 deferToThread. Call it on the loop. A panic in
// f is the result, as a *reactor.PanicError; if f ends its goroutine, with
// runtime.Goexit, the result is deferred.ErrGoexit.
//
// If the pool has stopped the Deferred has failed already, with ErrPoolStopped;
// in Twisted it would never fire. Only if the loop ends before f does is the
// result dropped, because no loop is left to hear of it.
//
// Cancelling the Deferred does not stop f, it makes the result unwanted. Where
// f can be broken off, let the Deferred do it:
//
//	ctx, cancel := context.WithTimeout(context.Background(), limit)
//	d := threads.DeferToThread(r, func() (Answer, error) { return fetch(ctx) })
//	d.AddBoth(func(a Answer, err error) (Answer, error) { cancel(); return a, err })
func DeferToThread[T any](r reactor.Threads, f func() (T, error)) *deferred.Deferred[T] {
	return DeferToThreadPool(r, r, f)
}

// DeferToThreadPool is DeferToThread with other workers than the loop's own:
// twisted/internet/threads.py:22 deferToThreadPool.
func DeferToThreadPool[T any](loop Loop, workers Workers, f func() (T, error)) *deferred.Deferred[T] {
	// Without a canceller, so that the Deferred swallows a result that comes
	// after it was cancelled.
	j := &job[T]{loop: loop, f: f}
	if j.d = &j.own; deferred.GetDebugging() {
		j.d = deferred.New[T](nil) // which notes where it was made
	}
	j.step = j.work
	if !workers.CallInThread(j.step) {
		j.d.Errback(fmt.Errorf("deferring to a thread: %w", ErrPoolStopped))
	}
	return j.d
}

// job is one function's way to a worker and back to the loop. That all of it lies
// together, and one function value serves for both ways, saves most of what it
// would cost in memory.
type job[T any] struct {
	loop  Loop
	f     func() (T, error)     // nil once it has run
	step  func()                // work
	d     *deferred.Deferred[T] // own, as a rule
	own   deferred.Deferred[T]
	value T
	err   error
}

// work is called on the worker, and then on the loop.
func (j *job[T]) work() {
	switch {
	case j.f != nil:
		j.call()
	case j.err != nil:
		j.d.Errback(j.err)
	default:
		j.d.Callback(j.value)
	}
}

func (j *job[T]) call() {
	j.err = deferred.ErrGoexit // should f not return
	defer j.called()
	j.value, j.err = j.f()
}

// called hands the result over to the loop, whichever way f has ended.
func (j *job[T]) called() {
	if v := recover(); v != nil {
		j.err = reactor.Recovered(v)
	}
	j.f = nil
	j.loop.CallFromThread(j.step)
}

// CallMultipleInThread runs functions one after the other on one worker of the
// reactor's pool: twisted/internet/threads.py:83 callMultipleInThread. A panic
// is logged and ends the rest. It returns false, and runs none, if the pool has
// stopped.
func CallMultipleInThread(workers Workers, functions ...func()) bool {
	return workers.CallInThread(func() {
		for _, f := range functions {
			f()
		}
	})
}
