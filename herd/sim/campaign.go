package sim

import (
	"context"
	"sync"
)

// GarbagePercent is what debug.SetGCPercent should be given by who runs many fights. It
// makes the garbage collector's share small, for a peak of some 250 megabytes with two jobs.
const GarbagePercent = 1600

// Campaign is many fights, one for each seed and mode.
type Campaign struct {
	First   uint64 // the first seed
	Seeds   int
	Modes   []Mode
	Options Options
	Variant *Variant // nil: none
	Jobs    int      // fights at once, 1 and up
	// Progress, if not nil, is told how many fights are over, after each of them,
	// one call at a time.
	Progress func(fights int)
}

// Failure is a fight in which a promise was broken.
type Failure struct {
	Fight      *Fight
	Violations []Violation
}

// Outcome is what a campaign came to.
type Outcome struct {
	Tally *Tally
	// Failure is the first failed fight, by mode and seed; nil: there is none. No
	// fight was begun after it was found.
	Failure *Failure
}

// Run fights. It ends early at a failure, and when ctx is done. The error wraps
// ErrBadGraph.
func (c *Campaign) Run(ctx context.Context) (*Outcome, error) {
	r := &running{campaign: c, outcome: Outcome{Tally: newTally()}, failedAt: -1}
	var workers sync.WaitGroup
	for range max(c.Jobs, 1) {
		workers.Go(func() {
			for number, ok := r.take(ctx); ok; number, ok = r.take(ctx) {
				r.fight(number)
			}
		})
	}
	workers.Wait()
	return &r.outcome, r.err
}

// running is a campaign under way.
type running struct {
	campaign *Campaign

	mu       sync.Mutex
	next     int // number of the next fight
	over     int
	outcome  Outcome
	failedAt int // number of the first fight that failed; -1: none has
	err      error
}

// take gives out the number of a fight.
func (r *running) take(ctx context.Context) (number int, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.failedAt >= 0 || r.err != nil || ctx.Err() != nil || r.next >= r.campaign.Seeds*len(r.campaign.Modes) {
		return 0, false
	}
	r.next++
	return r.next - 1, true
}

func (r *running) fight(number int) {
	c := r.campaign
	// Seed by seed, so that a campaign that is broken off has had all modes.
	seed, mode := c.First+uint64(number/len(c.Modes)), c.Modes[number%len(c.Modes)]
	f, err := NewFight(seed, mode, c.Options)
	var result *Result
	if err == nil {
		result = f.Run(Watch{Variant: c.Variant})
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil {
		r.err = err
		return
	}
	r.over++
	r.outcome.Tally.add(result.Tally)
	if result.Failed() && (r.failedAt < 0 || number < r.failedAt) {
		r.failedAt, r.outcome.Failure = number, &Failure{f, result.Violations}
	}
	if c.Progress != nil {
		c.Progress(r.over)
	}
}
