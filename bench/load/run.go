package load

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// What ends a run without a result.
var (
	errEnded = errors.New("the server ended it")
	// ErrNoReply is a run in which no request had a good answer.
	ErrNoReply = errors.New("no request had a good answer")
)

// Run puts the load on the servers and measures it. It takes the time of the preload,
// the warm-up and the duration, and a few seconds more if answers stay out. When ctx is
// done it ends as soon as the phase under way allows, with ctx's error.
//
// Wrong answers and lost connections are no error of Run's: the result counts them. The
// error wraps ErrOptions, ErrNoReply, or says which server cannot be reached.
func Run(ctx context.Context, o Options) (*Result, error) {
	return (&run{o: o.withDefaults()}).run(ctx)
}

func (r *run) run(ctx context.Context) (*Result, error) {
	defer r.close()
	if err := r.connect(); err != nil {
		return nil, err
	}
	defer r.readSlow(ctx)()
	defer r.tell()()
	if err := r.prepare(ctx); err != nil {
		return nil, err
	}
	if err := r.measure(ctx); err != nil {
		return nil, err
	}
	return r.result()
}

// prepare has askers ask and clients report, until the load can be put.
func (r *run) prepare(ctx context.Context) error {
	if r.o.Askers > 0 {
		r.phase.Store("settling")
		if err := r.each(func(d *driver) error { return d.settle(ctx) }); err != nil {
			return err
		}
	}
	if r.o.Preload {
		r.phase.Store("preload")
		if err := r.each((*driver).loadAll); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// run is one run.
type run struct {
	o       Options
	clock   clock
	atlas   *atlas
	drivers []*driver
	phase   phase

	churns bool

	// What was measured so far, and processor time in it: of the servers, of all processes,
	// and of this one.
	measured            time.Duration
	used, machine, self time.Duration
	usageError          error
}

// phase is what the run is about, for who looks on.
type phase struct {
	mu    sync.Mutex
	name  string
	since time.Time
}

// Store begins a phase.
func (p *phase) Store(name string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.name, p.since = name, time.Now()
}

func (p *phase) load() (name string, since time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.name, time.Since(p.since)
}

// connect checks the options and opens the connections, which close closes.
func (r *run) connect() error {
	if err := r.o.check(); err != nil {
		return err
	}
	r.clock, r.atlas = newClock(), theAtlas()
	var servers []*server
	for _, address := range r.o.Addresses {
		servers = append(servers, &server{address: address})
	}
	for i := range r.o.Threads {
		d, err := newDriver(&r.o, r.clock, r.atlas)
		if err != nil {
			return err
		}
		r.drivers = append(r.drivers, d)
		// Each thread learns the servers' names for itself.
		own := make([]*server, len(servers))
		for j, s := range servers {
			own[j] = &server{address: s.address}
		}
		for n := i; n < r.o.Connections; n += r.o.Threads {
			if err := d.connect(own[n%len(own)], n); err != nil {
				return err
			}
		}
		for n := i; n < r.o.Askers; n += r.o.Threads {
			if err := d.connectAsker(own[n%len(own)].address, n); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *run) close() {
	for _, d := range r.drivers {
		d.close()
	}
}

// each runs f for every driver on a thread of its own, and returns the first error.
func (r *run) each(f func(*driver) error) error {
	var all sync.WaitGroup
	failed := make([]error, len(r.drivers))
	for i, d := range r.drivers {
		cpu := -1
		if len(r.o.CPUs) > 0 {
			cpu = r.o.CPUs[i%len(r.o.CPUs)]
		}
		all.Go(func() { failed[i] = onThread(cpu, func() error { return f(d) }) })
	}
	all.Wait()
	return errors.Join(failed...)
}

// measure warms up and measures. What was measured before stays in the result.
func (r *run) measure(ctx context.Context) error {
	r.phase.Store("warm-up")
	start := r.clock.now() + int64(time.Millisecond) // all threads are there by then
	from := start + int64(r.o.Warmup)
	until := from + int64(r.o.Duration)
	for _, d := range r.drivers {
		d.from, d.until, d.stop = from, until, ctx.Done()
		d.begun, d.ended = func() {}, func() {}
		if r.o.Rate > 0 {
			d.spans = newSpans(r.o.Duration, r.o.Rate)
		}
	}
	r.drivers[0].begun, r.drivers[0].ended = r.usage()
	var numbers sync.Mutex
	next := 0
	err := r.each(func(d *driver) error {
		switch {
		case r.churns:
			return d.churn()
		case r.o.Rate == 0:
			return d.closed()
		}
		numbers.Lock()
		number := float64(next)
		next++
		numbers.Unlock()
		interval := 1e9 / r.o.Rate
		return d.timed(start+int64(number*interval), interval*float64(len(r.drivers)))
	})
	r.measured += r.o.Duration
	return errors.Join(err, r.usageError, ctx.Err())
}

// usage returns what adds up the processor time of the part that counts, when that begins
// and when it ends.
func (r *run) usage() (begin, end func()) {
	var servers, machine, self time.Duration
	begin = func() {
		var err error
		r.phase.Store("measuring")
		machine, self = machineTime(), processTime()
		servers, err = ProcessorTime(r.o.PIDs)
		r.usageError = errors.Join(r.usageError, err)
	}
	end = func() {
		now, err := ProcessorTime(r.o.PIDs)
		r.usageError = errors.Join(r.usageError, err)
		r.used += now - servers
		r.machine += machineTime() - machine
		r.self += processTime() - self
	}
	return begin, end
}

// result puts together what the drivers have.
func (r *run) result() (*Result, error) {
	o := &r.o
	result := &Result{
		Loop: "closed", Connections: o.Connections, Pipeline: o.Pipeline, Clients: o.Clients, IDs: o.IDs,
		Dialect: o.Dialect, Whatsat: o.Whatsat, Seconds: r.measured.Seconds(),
	}
	latency, lag := newHistogram(), newHistogram()
	for _, d := range r.drivers {
		latency.Merge(d.latency)
		lag.Merge(d.lag)
		result.Replies += d.replies
		result.Answered += d.all
		result.Errors.add(&d.errors)
		result.Own.CPU += d.busy.Seconds()
	}
	if result.Replies == 0 {
		if result.Errors.First == "" {
			result.Errors.First = fmt.Sprintf("none came within %v", r.measured)
		}
		return nil, fmt.Errorf("%w: %s", ErrNoReply, result.Errors.First)
	}
	result.Rate = float64(result.Replies) / result.Seconds
	result.Latency = newTimes(latency)
	result.Own.Cores = result.Own.CPU / result.Seconds
	result.Own.CPUPerOp = result.Own.CPU * 1e6 / float64(result.Replies)
	if r.churns {
		result.Loop, result.Pipeline = "churn", 0
	} else if o.Rate > 0 {
		times := newTimes(lag)
		result.Loop, result.Pipeline, result.Asked, result.Lag = "open", 0, o.Rate, &times
		result.Spans = together(r.drivers).result()
	}
	memory, err := MemoryOf(o.PIDs)
	if err != nil {
		return nil, err
	}
	result.Others = r.others()
	result.Server = cost(r.used, memory, result.Seconds, result.Replies)
	result.Limit = result.limit(o.Threads)
	return result, nil
}

// others is how many cores were busy with none of this: other processes, and the
// machine's host.
func (r *run) others() float64 {
	if len(r.o.PIDs) == 0 {
		return 0
	}
	return max(0, (r.machine-r.used-r.self).Seconds()/r.measured.Seconds())
}

// tell tells of the progress once a second, until end.
func (r *run) tell() (end func()) {
	if r.o.Progress == nil {
		return func() {}
	}
	done, over := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(over)
		each := time.NewTicker(time.Second)
		defer each.Stop()
		for before := uint64(0); ; {
			select {
			case <-each.C:
			case <-done:
				return
			}
			var now, errors uint64
			for _, d := range r.drivers {
				now += d.told.replies.Load()
				errors += d.told.errors.Load()
			}
			name, since := r.phase.load()
			r.o.Progress(Progress{Phase: name, Since: since, Replies: now - before, Errors: errors})
			before = now
		}
	}()
	return func() {
		close(done)
		<-over
	}
}
