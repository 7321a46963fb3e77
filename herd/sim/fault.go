package sim

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// FaultKinds are what can break, as a script says it.
var FaultKinds = []string{
	"cut", "cutoneway", "slow", "delay", "sever", "kill", "stop", "pause", "clock", "upstream", "rests", "aborts",
}

// faults draws what breaks, and when most of it is mended again.
func (d *drawing) faults() {
	if d.random.IntN(4) == 0 || d.fight.Setup.Records > 0 {
		d.island()
	}
	count, kinds := 0, map[string]bool{}
	for want := leastFaults + d.random.IntN(4); count < want || len(kinds) < leastKinds; count++ {
		kind := pick(d.random, FaultKinds[:len(FaultKinds)-1]...) // clients abort by themselves
		kinds[kind] = true
		at := d.between(time.Second, fightLength-time.Second)
		if d.random.IntN(2) == 0 {
			// Right behind a command: what is under way then is what gets lost.
			if t := d.behindCommand(); t > 0 {
				at = t
			}
		}
		until := at + d.between(0, pick(d.random, time.Second, 5*time.Second, 20*time.Second))
		d.fault(kind, at, until)
		if d.random.IntN(3) == 0 {
			d.crowd(at, until)
		}
	}
}

// island cuts one server off for a while from the beginning, while clients report
// there and elsewhere: so more clients come to the herd than one server has room
// for.
func (d *drawing) island() {
	g := d.fight.Graph
	i := d.random.IntN(len(g.Names))
	until := d.between(time.Second, 10*time.Second)
	for _, other := range g.near[i] {
		d.act(0, "cut", g.Names[i], g.Names[other])
		d.act(until, "heal", g.Names[i], g.Names[other])
	}
	d.crowd(0, until)
}

// crowd draws many reports while something is broken, so that links fill up; of
// clients with long ids they make more than may wait for a neighbour.
func (d *drawing) crowd(from, to time.Duration) {
	to = min(to, from+5*time.Second, fightLength)
	count := 5 + d.random.IntN(15)
	if d.fat {
		count *= 5
	}
	for range count {
		at := d.between(from, to)
		if client := d.talking(at); client != "" {
			d.say(at, client, ">", d.report(at))
			d.said++
		}
	}
}

// talking draws a client that is connected at a time; "" if there is none, or
// hardly one.
func (d *drawing) talking(at time.Duration) string {
	for range 4 * clients {
		if t := pick(d.random, d.talks...); t.from <= at && at < t.to {
			return t.client
		}
	}
	return ""
}

func (d *drawing) behindCommand() time.Duration {
	a := pick(d.random, d.fight.Acts...)
	if a.Verb != ">" {
		return 0
	}
	latency := d.latency()
	return a.At + d.between(latency, 3*latency)
}

func (d *drawing) latency() time.Duration { return micros(d.fight.Setup.LatencyMicros) }

func (d *drawing) fault(kind string, at, until time.Duration) {
	a, b := d.edge()
	switch kind {
	case "cut", "cutoneway":
		d.act(at, kind, a, b)
		d.act(until, "heal", a, b)
	case "slow":
		d.act(at, kind, a, b, fmt.Sprint(pick(d.random, 100, 500, 3000)))
		d.act(until, "heal", a, b)
	case "delay":
		d.act(at, kind, a, b, pick(d.random, "100ms", "900ms", "2.5s"))
		d.act(until, "heal", a, b)
	case "sever":
		d.act(at, kind, a, b)
	case "kill", "stop":
		if d.random.IntN(4) == 0 {
			// What its neighbour hears of the end comes after the new beginning.
			d.act(at, "delay", a, b, "2.5s")
			until = at + d.between(0, time.Second)
			d.act(until, "heal", a, b)
		}
		d.act(at, kind, a)
		d.act(until, "start", a)
	case "pause":
		d.act(at, kind, a)
		d.act(until, "resume", a)
	case "clock":
		d.act(at, kind, a, pick(d.random, "1ns", "-1ns", "0.7s", "-0.7s", "200s", "-200s", "400s", "-400s", "1h0m0s", "-1h0m0s"))
		if d.random.IntN(2) == 0 {
			d.act(until, kind, a, "0s")
		}
	case "upstream":
		d.act(at, kind, pick(d.random, "fails", "breaks"))
		d.act(until, kind, "works")
	case "rests":
		c := pick(d.random, d.talks...).client
		d.say(at, c, "rests", "")
		d.say(until, c, "reads", "")
	}
}

// blackout kills all servers at one moment, when the answer to one of the last reports
// has just come. What they have acknowledged is on disks then, or nowhere, and nothing
// newer comes.
func (d *drawing) blackout() {
	for range leastCommands {
		a := pick(d.random, d.fight.Acts...)
		if a.At < fightLength-5*time.Second || !strings.HasPrefix(a.Text, "IAMAT ") {
			continue
		}
		at := a.At + d.between(2*d.latency(), 3*d.latency())
		for _, name := range d.fight.Graph.Names {
			d.act(at, "kill", name)
		}
		return
	}
}

// leaveBroken draws a connected part of the herd, and breaks the rest.
func (d *drawing) leaveBroken() {
	g := d.fight.Graph
	in := []int{d.random.IntN(len(g.Names))}
	least := min(2, len(g.Names)-1)
	for size := least + d.random.IntN(len(g.Names)-least); len(in) < size; {
		next := pick(d.random, g.near[pick(d.random, in...)]...)
		if !slices.Contains(in, next) {
			in = append(in, next)
		}
	}
	d.fight.Part = nil
	for i, name := range g.Names {
		if slices.Contains(in, i) {
			d.fight.Part = append(d.fight.Part, name)
			continue
		}
		at := d.between(fightLength/2, fightLength)
		switch d.random.IntN(4) {
		case 0:
			d.act(at, "kill", name)
		case 1:
			d.act(at, "pause", name)
		default:
			verb := pick(d.random, "cut", "cutoneway")
			for _, other := range g.near[i] {
				if verb == "cut" || d.random.IntN(2) == 0 {
					d.act(at, verb, name, g.Names[other])
				} else {
					d.act(at, verb, g.Names[other], name)
				}
			}
		}
	}
}
