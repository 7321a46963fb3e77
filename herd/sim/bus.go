package sim

import (
	"math/rand/v2"
	"strconv"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/backbone/membus"
)

// bus is what lies between servers that are joined by a backbone: it promises what NATS
// does, and that is little. What breaks between two servers breaks on their way over
// the bus.
type bus struct {
	world  *world
	hub    membus.Hub
	random *rand.Rand
	ways   map[way]*brokenWay
	came   map[way]time.Time // when the last message arrives
	whole  bool              // nothing is lost by chance any more
}

// way is from one server to another.
type way struct{ from, to string }

// brokenWay is what is broken on a way.
type brokenWay struct {
	cut  bool
	loss int // percent
	late time.Duration
}

// What happens to messages by chance, in percent.
const (
	chanceOfLoss = 2
	chanceOfTwo  = 2
)

// slowLoss is what is lost where a link would be slow, in percent.
const slowLoss = 40

func newBus(w *world) *bus {
	b := &bus{world: w, random: rand.New(rand.NewPCG(uint64(w.fight.Setup.Network), 3)), ways: map[way]*brokenWay{}, came: map[way]time.Time{}}
	b.hub.Pass = b.pass
	// The clients' reactor has a clock that nobody sets.
	b.hub.Later = func(_ string, wait time.Duration, f func()) { w.clients.CallLater(wait, f) }
	return b
}

// pass says what becomes of a message. What one server sends another comes in its
// order.
func (b *bus) pass(from, to string) []time.Duration {
	b.world.wires.records++
	w := way{from, to}
	broken := brokenWay{}
	if at := b.ways[w]; at != nil {
		broken = *at
	}
	loss := broken.loss
	if !b.whole {
		loss += chanceOfLoss
	}
	if broken.cut || b.random.IntN(100) < loss {
		return nil
	}
	now := b.world.network.Seconds()
	setup := &b.world.fight.Setup
	arrives := now.Add(broken.late + micros(setup.LatencyMicros) + micros(b.random.Int64N(setup.JitterMicros+1)))
	if last := b.came[w]; arrives.Before(last) {
		arrives = last
	}
	b.came[w] = arrives
	copies := []time.Duration{arrives.Sub(now)}
	if b.random.IntN(100) < chanceOfTwo {
		copies = append(copies, copies[0])
	}
	return copies
}

// act breaks something between two servers, as actOnLink does between two that are
// linked.
func (b *bus) act(a Act) bool {
	from, to := a.Name, a.Rest[0]
	switch a.Verb {
	case "cut":
		b.at(from, to).cut, b.at(to, from).cut = true, true
	case "cutoneway":
		b.at(from, to).cut = true
	case "sever":
		b.hub.Cut(from, true)
		b.hub.Cut(from, false)
	case "slow":
		b.at(from, to).loss, b.at(to, from).loss = slowLoss, slowLoss
	case "delay":
		late, _ := time.ParseDuration(a.Rest[1])
		b.at(from, to).late, b.at(to, from).late = late, late
	case "heal":
		b.heal(from, to)
		return false
	}
	return true
}

func (b *bus) at(from, to string) *brokenWay {
	w := way{from, to}
	if b.ways[w] == nil {
		b.ways[w] = &brokenWay{}
	}
	return b.ways[w]
}

func (b *bus) heal(from, to string) {
	delete(b.ways, way{from, to})
	delete(b.ways, way{to, from})
}

// onBus makes the herd's settings those of one on a bus, with so many shards, or as
// many as its buckets allow, of which every server holds all.
func onBus(c *herd.Config, shards int64) {
	c.Backbone.Kind, c.Backbone.URL = herd.BackboneNATS, "nats://127.0.0.1:4222"
	const bucketsOfOne = 16
	c.Backbone.Shards = min(int(shards), c.DigestBuckets/bucketsOfOne)
	for i := range c.Servers {
		c.Servers[i].TalksTo = nil
	}
}

// checkReach sends updates through the part: each comes to all of it, whatever was lost
// on the way.
func (w *world) checkReach() {
	part := w.mended
	first := int(uint64(w.fight.Setup.Network) % uint64(len(part)))
	for n := range probes {
		m, id := part[(first+n)%len(part)], "probe"+strconv.Itoa(n+1)
		if cap := w.fight.Setup.Records; cap > 0 && int64(m.server.Store().Len()) >= cap {
			continue // it would be refused
		}
		c := w.sendProbe(m, id)
		reached := w.network.RunUntil(func() bool {
			for _, m := range w.mended {
				if m.server == nil || !w.knows(m, id) {
					return false
				}
			}
			return true
		}, patience+w.setBack)
		switch {
		case reached:
			w.tally.Probes++
		case c.served:
			w.violated("messages", "%s's update of %s is not everywhere", m.name, id)
		}
	}
}
