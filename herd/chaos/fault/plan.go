package fault

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"proxyherd/herd/chaos/stage"
)

// Strike is one hit of a plan.
type Strike struct {
	Fault Fault
	On    Target
	At    time.Duration // from the beginning
	For   time.Duration
	Seed  uint64 // of what is random in it
}

// Plan is who is hit when, by what. It is drawn from a seed: the same seed, on the
// same stage and with the same faults, gives the same plan.
type Plan struct {
	Strikes []Strike // in the order of their times
	// NotRun says of each fault that the machine cannot run why that is so.
	NotRun map[string]string
}

const (
	// breath is the longest pause between two strikes of a lane.
	breath = 400 * time.Millisecond
	// least is how many strikes go on at the same time, at the least.
	least = 4
	// step is how much later is tried what cannot be now.
	step = 100 * time.Millisecond
	// tries is how often a target is drawn before that.
	tries = 20
)

// Draw plans faults for some time: first each that can be run, once, in any order, as
// many at a time as that needs, and then any.
func Draw(seed uint64, length time.Duration, faults []Fault, s *stage.Stage, lacks stage.Lacks) *Plan {
	p := &Plan{NotRun: map[string]string{}}
	d := drawing{stage: s, length: length, random: rand.New(rand.NewPCG(seed, 1)), held: map[string]time.Duration{}, down: map[string]time.Duration{}}
	var sum time.Duration
	for _, f := range faults {
		if why := lacks.Missing(f.Needs); why != "" {
			p.NotRun[f.Name] = why
			continue
		}
		d.able = append(d.able, f)
		sum += (f.Least+f.Most)/2 + breath/2
	}
	if len(d.able) == 0 {
		return p
	}
	d.first = slices.Clone(d.able)
	d.random.Shuffle(len(d.first), func(i, j int) { d.first[i], d.first[j] = d.first[j], d.first[i] })
	// A third of the time is kept for what the sum does not know of: that faults wait
	// for each other.
	d.lanes = make([]time.Duration, max(least, int(sum*3/2/length)+1))
	d.keep = lacks[stage.Always] != ""
	for d.next() {
	}
	p.Strikes = d.strikes
	slices.SortStableFunc(p.Strikes, func(a, b Strike) int { return int(a.At - b.At) })
	return p
}

// drawing is a plan that is being made.
type drawing struct {
	stage   *stage.Stage
	length  time.Duration
	random  *rand.Rand
	able    []Fault
	first   []Fault                  // that have not been planned yet
	lanes   []time.Duration          // when each can take another strike
	held    map[string]time.Duration // until when something is held
	down    map[string]time.Duration // until when a server may lack what others have
	keep    bool                     // one server is always left that lacks nothing
	strikes []Strike
}

// next plans one strike, or lets the lane that is free first wait. It returns false
// when the time is full.
func (d *drawing) next() bool {
	lane := 0
	for i := range d.lanes {
		if d.lanes[i] < d.lanes[lane] {
			lane = i
		}
	}
	at := d.lanes[lane]
	if at >= d.length {
		return false
	}
	for range tries {
		if end, ok := d.try(at); ok {
			d.lanes[lane] = end + time.Duration(d.random.Int64N(int64(breath)))
			return true
		}
	}
	d.lanes[lane] += step
	return true
}

// try plans a strike that begins at some time, if its target is free then.
func (d *drawing) try(at time.Duration) (end time.Duration, ok bool) {
	f, which := d.draw(), -1
	if len(d.first) > 0 {
		which = d.random.IntN(len(d.first))
		f = d.first[which]
	}
	on := f.Aim(d.stage, d.random)
	length := f.Least + time.Duration(d.random.Int64N(int64(f.Most-f.Least)))
	keys := on.keys(f.Holds)
	if slices.ContainsFunc(keys, func(k string) bool { return d.held[k] > at }) {
		return 0, false
	}
	end = min(at+length, d.length)
	if f.Ends && !d.end(on, at, end) {
		return 0, false
	}
	for _, k := range keys {
		d.held[k] = end + pause
	}
	if which >= 0 {
		d.first = slices.Delete(d.first, which, which+1)
	}
	d.strikes = append(d.strikes, Strike{f, on, at, end - at, d.random.Uint64()})
	return end, true
}

// end notes that servers will be ended. It returns false if that cannot be, as nobody
// would be left who knows what has been said; only journals would.
func (d *drawing) end(on Target, at, end time.Duration) bool {
	left := slices.DeleteFunc(d.stage.Names(), func(name string) bool {
		return d.down[name] > at || slices.Contains(on.Servers, name)
	})
	if d.keep && len(left) == 0 {
		return false
	}
	for _, name := range on.Servers {
		d.down[name] = end + respite
	}
	return true
}

// respite is how long a server has, as a rule, to learn again what the others know.
const respite = 4 * time.Second

// draw draws any fault that can be run.
func (d *drawing) draw() Fault {
	sum := 0
	for _, f := range d.able {
		sum += max(f.Weight, 1)
	}
	n := d.random.IntN(sum)
	for _, f := range d.able {
		if n -= max(f.Weight, 1); n < 0 {
			return f
		}
	}
	panic("the weights do not add up")
}

// pause is how long a target is left alone after a fault that holds it: stopping may
// take a moment.
const pause = 200 * time.Millisecond

// String is the plan, a line for each strike.
func (p *Plan) String() string {
	var text strings.Builder
	for _, s := range p.Strikes {
		fmt.Fprintf(&text, "%7.1fs %5.1fs  %-16s %s\n", s.At.Seconds(), s.For.Seconds(), s.Fault.Name, s.On)
	}
	return text.String()
}
