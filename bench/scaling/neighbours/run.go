package neighbours

import (
	"context"
	"fmt"
	"time"

	"proxyherd/bench/load"
	"proxyherd/bench/paired"
)

// Load is what the server gets.
type Load struct {
	// Own has the client report the updates. Otherwise the first neighbour sends them.
	Own bool

	// Copies is how many of the other neighbours send each update too, as they do in a
	// graph with rings.
	Copies int

	// Batch is how many updates there are in a write, and Ahead how many batches may be
	// under way. A batch is over when all neighbours have what the server sends on.
	Batch, Ahead int

	// Every is the time from one batch to the next, at least. 0: none.
	Every time.Duration

	// Duration is how long new batches are begun.
	Duration time.Duration
}

// Count is what came of a load.
type Count struct {
	Updates int
	Seconds float64
	CPU     time.Duration // of the server, until the last update was over
	Through float64       // us, the median from a write to when all neighbours had it; 0 but for batches of one
	Bytes   float64       // of an update, its line end included
}

// Run sends updates and counts what comes back. It begins and ends with nothing under way,
// so that all of the processor time is that of these updates. The error wraps ErrStuck or
// ErrLost, or is ctx's.
func (c *Crowd) Run(ctx context.Context, l Load) (*Count, error) {
	r := running{Crowd: c, Load: l, senders: c.links[:min(len(c.links), 1+l.Copies)]}
	if l.Own {
		r.senders = []*link{c.client}
	}
	return r.run(ctx)
}

// Preload has the server know all clients.
func (c *Crowd) Preload(ctx context.Context) error {
	r := running{Crowd: c, Load: Load{Own: true}, senders: []*link{c.client}}
	r.begin()
	for first := 0; first < Clients; first += preloadBatch {
		var text []byte
		for client := first; client < first+preloadBatch; client++ {
			text = c.lines.append(text, client, true)
		}
		r.send(text, preloadBatch)
		if err := r.await(ctx, r.updates); err != nil {
			return err
		}
	}
	return nil
}

const preloadBatch = 500

// running is a load under way.
type running struct {
	*Crowd
	Load
	senders []*link
	text    []byte // of the last batch

	updates int   // that were sent
	asked   int64 // questions, of each sender
	// What was counted before.
	arrivedBefore, answeredBefore, repliesBefore int64
}

func (r *running) run(ctx context.Context) (*Count, error) {
	r.begin()
	before, err := load.ProcessorTime(r.pids)
	if err != nil {
		return nil, err
	}
	var through []float64
	bytes := 0
	start := time.Now()
	for next := start; time.Since(start) < r.Duration; next = next.Add(r.Every) {
		if err := pause(ctx, time.Until(next)); err != nil {
			return nil, err
		}
		r.text = r.text[:0]
		for range r.Batch {
			r.text = r.lines.next(r.text, r.Own)
		}
		bytes += len(r.text)
		if r.Batch > 1 && !r.Own { // of one alone the question would cost as much as the update
			r.text = r.appendQuestion(r.text)
		}
		left := time.Now()
		r.send(r.text, r.Batch)
		if err := r.await(ctx, r.updates-(r.Ahead-1)*r.Batch); err != nil {
			return nil, err
		}
		through = append(through, float64(time.Since(left).Nanoseconds())/1e3)
	}
	if !r.Own {
		r.send(r.appendQuestion(nil), 0)
	}
	if err := r.await(ctx, r.updates); err != nil {
		return nil, err
	}
	count := &Count{Updates: r.updates, Seconds: time.Since(start).Seconds(), Bytes: float64(bytes) / float64(r.updates)}
	if len(r.links) == 0 {
		if err := r.settle(ctx); err != nil { // others may have it still before them
			return nil, err
		}
	}
	after, err := load.ProcessorTime(r.pids)
	if err != nil {
		return nil, err
	}
	count.CPU = after - before
	if r.Batch == 1 && r.sentOn() > 0 {
		count.Through = paired.Of(through).Median
	}
	return count, nil
}

// begin takes note of what was counted before.
func (r *running) begin() {
	r.arrivedBefore, r.answeredBefore, r.repliesBefore = r.arrived(), r.answered(), r.client.updates.Load()
}

// send has each sender send some updates.
func (r *running) send(text []byte, updates int) {
	for _, l := range r.senders {
		l.say(text)
	}
	r.updates += updates
}

// appendQuestion appends one that each sender asks: its answer comes once the server has
// taken all that was sent before.
func (r *running) appendQuestion(dst []byte) []byte {
	r.Crowd.asked++
	r.asked++
	return fmt.Appendf(dst, "ASKSUMS %d 0 0 1\n", r.Crowd.asked)
}

// pause waits, if there is time to.
func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// sentOn is to how many neighbours the server sends an update.
func (r *running) sentOn() int {
	if r.Own {
		return len(r.links)
	}
	return len(r.links) - 1
}

// await waits until so many updates are over.
func (r *running) await(ctx context.Context, updates int) error {
	stuck := time.NewTimer(patience)
	defer stuck.Stop()
	for !r.over(updates) {
		select {
		case <-r.news:
		case err := <-r.lost:
			return err
		case <-ctx.Done():
			return ctx.Err()
		case <-stuck.C:
			return fmt.Errorf("%w: of %d updates %d copies have come, after %v", ErrStuck, updates, r.arrived()-r.arrivedBefore, patience)
		}
	}
	return nil
}

// over reports whether so many updates were sent on, and whether the server has answered
// what it was asked behind them.
func (r *running) over(updates int) bool {
	if r.arrived()-r.arrivedBefore < int64(updates*r.sentOn()) {
		return false
	}
	if r.Own {
		return r.client.updates.Load()-r.repliesBefore >= int64(updates)
	}
	// Of those that may still be under way the question is not answered either.
	questions := r.asked
	if r.Batch > 1 {
		questions -= int64((r.updates - updates) / r.Batch)
	}
	return r.answered()-r.answeredBefore >= questions*int64(len(r.senders))
}

// arrived is how many updates have come to all neighbours.
func (c *Crowd) arrived() (sum int64) {
	for _, l := range c.links {
		sum += l.updates.Load()
	}
	return sum
}

func (c *Crowd) answered() (sum int64) {
	for _, l := range c.links {
		sum += l.answers.Load()
	}
	return sum
}

// settle waits until the servers have nothing to do: nobody tells a client when the last of
// a herd has its update.
func (c *Crowd) settle(ctx context.Context) error {
	const (
		glance = 50 * time.Millisecond
		little = 2 * time.Millisecond // of processor time in it: some heartbeats
	)
	again := time.NewTicker(glance)
	defer again.Stop()
	for before := time.Duration(-1); ; {
		now, err := load.ProcessorTime(c.pids)
		if err != nil || before >= 0 && now-before < little {
			return err
		}
		before = now
		select {
		case <-again.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
