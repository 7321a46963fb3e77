package load

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"proxyherd/herd/chaos/account"
	"proxyherd/herd/chaos/stage"
)

// Crowd is reporters and readers at work.
type Crowd struct {
	Stage   *stage.Stage
	Books   *account.Books
	History *account.History

	// Rate is how many reports a second are made in all, as long as the servers keep
	// up: each reporter waits for its answers.
	Rate int
	// ReadEvery is how long a reader waits between two questions.
	ReadEvery time.Duration
	// Seed decides what is reported and asked, and where.
	Seed uint64

	wait sync.WaitGroup
	// gate is held for reading by whoever reports.
	gate sync.RWMutex
}

// How many there are of each: two for each server, as it were, though nobody stays.
const (
	reporters = 10
	readers   = 10
	batch     = 5 // reports that travel together, at most
)

// Start sends all to work until ctx is done. Wait waits for their ends.
func (c *Crowd) Start(ctx context.Context) {
	for i := range reporters {
		r := &reporter{crowd: c, ids: idsOf(i), random: rand.New(rand.NewPCG(c.Seed, uint64(i))), last: map[string]int64{}}
		c.wait.Go(func() { r.work(ctx) })
	}
	for i := range readers {
		r := &reader{crowd: c, random: rand.New(rand.NewPCG(c.Seed, uint64(reporters+i)))}
		c.wait.Go(func() { r.work(ctx) })
	}
}

// Wait returns when all have ended.
func (c *Crowd) Wait() { c.wait.Wait() }

// Pause lets nobody report until resume is called. It waits until all reports that are
// under way have been answered, or given up.
func (c *Crowd) Pause() (resume func()) {
	c.gate.Lock()
	return c.gate.Unlock
}

// someServer draws one.
func (c *Crowd) someServer(random *rand.Rand) string {
	servers := c.Stage.Config.Servers
	return servers[random.IntN(len(servers))].Name
}

// stay is how long a client stays at a server.
func stay(random *rand.Rand) time.Duration {
	return 200*time.Millisecond + time.Duration(random.Int64N(int64(5*time.Second)))
}

// nap waits, less if ctx is done.
func nap(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
