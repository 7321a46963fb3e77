package fault

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"proxyherd/herd/chaos/stage"
)

// Tally is how often each fault has struck, by its name.
type Tally map[string]int

// Play carries a plan out, and returns when its last strike is over, or ctx is done
// and all is stopped. Targets that are still busy with an earlier strike are waited
// for. What goes wrong is noted at the stage. told is called for each strike.
func (p *Plan) Play(ctx context.Context, s *stage.Stage, told func(string)) Tally {
	// Whatever a strike holds, it holds until it has been stopped.
	c := crew{stage: s, told: told, tally: Tally{}, busy: map[string]*sync.Mutex{}}
	for _, one := range p.Strikes {
		for _, key := range one.On.keys(one.Fault.Holds) {
			c.busy[key] = &sync.Mutex{}
		}
	}
	began := time.Now()
	var wait sync.WaitGroup
	for _, one := range p.Strikes {
		nap(ctx, time.Until(began.Add(one.At)))
		if ctx.Err() != nil {
			break
		}
		wait.Go(func() { c.carryOut(ctx, one) })
	}
	wait.Wait()
	return c.tally
}

// crew carries strikes out.
type crew struct {
	stage *stage.Stage
	told  func(string)
	busy  map[string]*sync.Mutex // by what is held

	mu    sync.Mutex // held while told is called
	tally Tally
}

func (c *crew) carryOut(ctx context.Context, one Strike) {
	// Keys of one strike are in the order of the config, so no two wait for each other.
	for _, key := range one.On.keys(one.Fault.Holds) {
		c.busy[key].Lock()
		defer c.busy[key].Unlock()
	}
	if ctx.Err() != nil {
		return
	}
	c.mu.Lock()
	c.told(fmt.Sprintf("%s on %s for %.1fs", one.Fault.Name, one.On, one.For.Seconds()))
	c.mu.Unlock()
	hit := &Hit{Stage: c.stage, On: one.On, Random: rand.New(rand.NewPCG(one.Seed, 2))}
	stop, err := one.Fault.Start(ctx, hit)
	if err == nil {
		c.mu.Lock()
		c.tally[one.Fault.Name]++
		c.mu.Unlock()
		nap(ctx, one.For)
		err = stop()
	}
	if err != nil {
		c.stage.Wrong("%s on %s: %v", one.Fault.Name, one.On, err)
	}
}

// Report tells how often each fault struck, and which were not run and why. missed
// are those that never struck although they could have.
func (p *Plan) Report(faults []Fault, tally Tally) (text string, missed []string) {
	var all strings.Builder
	notRun, strikes := 0, 0
	for _, f := range faults {
		switch n, why := tally[f.Name], p.NotRun[f.Name]; {
		case why != "":
			fmt.Fprintf(&all, "  %-16s not run: %s\n", f.Name, why)
			notRun++
		case n == 0:
			fmt.Fprintf(&all, "  %-16s NEVER RAN, though it could have\n", f.Name)
			missed = append(missed, f.Name)
		default:
			fmt.Fprintf(&all, "  %-16s %4d  %s\n", f.Name, n, f.What)
			strikes += n
		}
	}
	fmt.Fprintf(&all, "%d faults, %d strikes; %d faults not run\n", len(faults)-notRun, strikes, notRun)
	return all.String(), missed
}
