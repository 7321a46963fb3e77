package threads

import (
	"errors"
	"fmt"

	"proxyherd/reactor"
	"proxyherd/reactor/deferred"
	"proxyherd/reactor/internal/threadpool"
)

// ErrPoolSize says that a pool's bounds make no sense.
var ErrPoolSize = errors.New("a pool needs 0 <= minimum <= maximum, and a maximum of at least 1")

// PoolConfig is a ThreadPool's settings, the arguments of
// twisted/python/threadpool.py:47 __init__. The zero value is a pool of up to
// 20 workers that are started as they are needed.
type PoolConfig struct {
	// Minimum is how many workers Start starts; default 0. Twisted's is 5, for
	// threads that are dear to start; goroutines are not.
	Minimum int

	// Maximum is how many workers there may be; default 20, as in Twisted, or
	// Minimum if that is more.
	Maximum int

	// Name says in the log whose workers speak; default "thread pool".
	Name string

	// Log is told of panics; nil drops them.
	Log reactor.Logger
}

// defaultMaximum is twisted/python/threadpool.py:47.
const defaultMaximum = 20

// ThreadPool is a bounded set of workers: twisted/python/threadpool.py:28
// ThreadPool. Make it with NewThreadPool. Its methods are safe from any
// goroutine.
type ThreadPool struct {
	pool *threadpool.Pool
	name string
}

var _ Workers = (*ThreadPool)(nil)

// NewThreadPool makes a pool that queues what it is given until Start:
// twisted/python/threadpool.py:47 __init__. The error is ErrPoolSize.
func NewThreadPool(config PoolConfig) (*ThreadPool, error) {
	if config.Maximum == 0 {
		config.Maximum = max(defaultMaximum, config.Minimum)
	}
	if config.Name == "" {
		config.Name = "thread pool"
	}
	if config.Log == nil {
		config.Log = reactor.DiscardLog
	}
	if err := checkSize(config.Minimum, config.Maximum); err != nil {
		return nil, fmt.Errorf("making the pool %q: %w", config.Name, err)
	}
	p := &ThreadPool{threadpool.NewUnstarted(config.Minimum, config.Maximum), config.Name}
	p.pool.OnPanic = func(v any) {
		config.Log.Err(config.Name, reactor.Recovered(v), "in a job of a thread pool")
	}
	return p, nil
}

func checkSize(minimum, maximum int) error {
	if minimum < 0 || maximum < max(minimum, 1) {
		return fmt.Errorf("%w: minimum %d, maximum %d", ErrPoolSize, minimum, maximum)
	}
	return nil
}

// Start starts the minimum of workers, and more for what is queued:
// twisted/python/threadpool.py:65. A pool that has stopped stays stopped, and
// returns ErrPoolStopped.
func (p *ThreadPool) Start() error {
	if !p.pool.Start() {
		return fmt.Errorf("starting the pool %q: %w", p.name, ErrPoolStopped)
	}
	return nil
}

// Stop refuses more work, has what is queued done, and returns when the last
// worker has ended: twisted/python/threadpool.py:217. On a loop it holds up the
// loop for as long; a worker that waits for that loop would never end.
func (p *ThreadPool) Stop() { p.pool.Stop() }

// CallInThread runs f on a worker: twisted/python/threadpool.py:107. A panic in
// f is logged. f is dropped, and false returned, once the pool has stopped.
func (p *ThreadPool) CallInThread(f func()) bool { return p.pool.Do(f) }

// CallInThreadWithCallback runs f on a worker, and there hands onResult what
// came of it: twisted/python/threadpool.py:120. A panic in f is an error, a
// panic in onResult is logged. It returns false, and calls neither, once the
// workers have stopped. It is no method because methods have no types of their
// own.
func CallInThreadWithCallback[T any](workers Workers, onResult func(T, error), f func() (T, error)) bool {
	return workers.CallInThread(func() { run(f, onResult) })
}

// run calls f and gives onResult what came of it, whichever way f ended. A
// panic in onResult is not caught: it is the pool's to log.
func run[T any](f func() (T, error), onResult func(T, error)) {
	var value T
	err := deferred.ErrGoexit // should f not return
	defer func() {
		if v := recover(); v != nil {
			err = reactor.Recovered(v)
		}
		onResult(value, err)
	}()
	value, err = f()
}

// AdjustPoolsize changes the bounds: twisted/python/threadpool.py:233. Workers
// that are missing start now, workers too many end when they have finished what
// they do. The error is ErrPoolSize; then nothing has changed.
func (p *ThreadPool) AdjustPoolsize(minimum, maximum int) error {
	if err := checkSize(minimum, maximum); err != nil {
		return fmt.Errorf("adjusting the pool %q: %w", p.name, err)
	}
	p.pool.Adjust(minimum, maximum)
	return nil
}

// Name is what the pool was called.
func (p *ThreadPool) Name() string { return p.name }

// Stats are a pool's counts: twisted/python/threadpool.py:257 dumpStats.
type Stats struct {
	Minimum, Maximum int // the bounds
	Queued           int // functions that wait for a worker
	Workers          int // goroutines
	Working          int // of those, how many run a function
}

// Stats counts.
func (p *ThreadPool) Stats() Stats {
	var s Stats
	s.Minimum, s.Maximum = p.pool.Bounds()
	queued, workers, idle := p.pool.Stats()
	s.Queued, s.Workers, s.Working = queued, workers, workers-idle
	return s
}
