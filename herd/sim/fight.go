package sim

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"proxyherd/herd/script"
)

// Mode says what must hold at a fight's end.
type Mode string

const (
	// Safety mends everything, and then all servers must agree.
	Safety Mode = "safety"
	// Liveness mends a connected part of the herd and leaves the rest broken for
	// ever; the part must agree.
	Liveness Mode = "liveness"
)

// Act is something that is done to the herd, by a client or by fate.
type Act struct {
	At time.Duration // since the fight's beginning
	script.Statement
}

// Fight is everything that one run does. It is plain data, so that it can be
// made smaller, written and read; the same Fight always has the same events.
type Fight struct {
	Seed  uint64 // that drew it
	Mode  Mode
	Graph *Graph
	Setup Setup
	Acts  []Act    // in the order of their times
	Part  []string // servers that are mended at the end and must agree
}

// What every fight has at least. The tests hold it.
const (
	fightLength   = 60 * time.Second
	leastCommands = 200
	leastFaults   = 5
	leastKinds    = 3
)

// manyActs is room for the acts of nearly every fight.
const manyActs = 360

// Options are what a user may say about the fights to draw. The zero value draws
// everything.
type Options struct {
	Graph   string // as NewGraph takes it; empty: mostly the built-in herd
	Servers int    // 0: as many as the graph of that kind has, or a few
	Bus     bool   // servers are joined by a bus that loses messages, in place of links
}

// NewFight draws the fight of a seed. The error wraps ErrBadGraph.
func NewFight(seed uint64, mode Mode, o Options) (*Fight, error) {
	d := &drawing{random: rand.New(rand.NewPCG(seed, 0)), fight: &Fight{Seed: seed, Mode: mode, Acts: make([]Act, 0, manyActs)}}
	g, err := d.graph(o)
	if err != nil {
		return nil, err
	}
	d.fight.Graph = g
	d.drawIDs()
	d.fight.Setup = drawSetup(d.random, len(d.ids), d.fat)
	if o.Bus {
		d.fight.Setup.Bus = 1 << (d.fight.Setup.Network >> 5 & 3)
		// Servers that hash under different secrets compare nothing on a bus.
		d.fight.Setup.Rotating, d.fight.Setup.LinkMAC = 0, 0
	}
	d.conversations()
	// Faults strike behind commands, and bring crowds, whose commands count too.
	d.commands(leastCommands / 2)
	d.faults()
	d.commands(leastCommands)
	if d.random.IntN(6) == 0 {
		d.blackout()
	}
	d.fight.Part = g.Names
	if mode == Liveness {
		d.leaveBroken()
	}
	d.fight.Acts = inOrder(d.fight.Acts)
	return d.fight, nil
}

// inOrder returns acts by their times, and those of one time as they were drawn.
// It moves numbers, as acts are large.
func inOrder(acts []Act) []Act {
	order := make([]int, len(acts))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Or(cmp.Compare(acts[a].At, acts[b].At), a-b) })
	sorted := make([]Act, len(acts))
	for i, from := range order {
		sorted[i] = acts[from]
	}
	return sorted
}

// drawing is a fight that is being drawn.
type drawing struct {
	random *rand.Rand
	fight  *Fight
	ids    []string
	fat    bool // the ids are long
	talks  []talk
	said   int    // commands so far
	told   []told // reports so far
	text   []byte // a line that is being drawn, in a buffer that is used again
}

func (d *drawing) graph(o Options) (*Graph, error) {
	seed := d.random.Uint64()
	kind, servers := o.Graph, o.Servers
	if kind == "" {
		kind = pick(d.random, "builtin", "builtin", "builtin", "random", "ring", "tree:2", "mesh")
		if servers != 0 && kind == "builtin" {
			kind = "random"
		}
	}
	switch {
	case kind == "builtin" && servers == 0:
		servers = 5
	case servers == 0:
		servers = 2 + d.random.IntN(6)
	}
	return NewGraph(kind, servers, seed)
}

// drawIDs draws few clients, so that their reports collide.
func (d *drawing) drawIDs() {
	d.fat = d.random.IntN(15) == 0
	for i := range 3 + d.random.IntN(10) {
		id := fmt.Sprintf("id%d", i+1)
		if d.fat {
			id = fmt.Sprintf("%s.%0*d", id, 300+d.random.IntN(900), 0)
		}
		d.ids = append(d.ids, id)
	}
}

// act adds one statement, in the words of a script.
func (d *drawing) act(at time.Duration, verb, name string, rest ...string) {
	d.fight.Acts = append(d.fight.Acts, Act{at, script.Statement{Verb: verb, Name: name, Rest: rest}})
}

// say adds one of a client's statements.
func (d *drawing) say(at time.Duration, client, verb, text string) {
	d.fight.Acts = append(d.fight.Acts, Act{at, script.Statement{Verb: verb, Name: client, Text: text}})
}

// between draws a time.
func (d *drawing) between(from, to time.Duration) time.Duration {
	return from + time.Duration(d.random.Int64N(int64(max(to-from, 1))))
}

func (d *drawing) server() string { return pick(d.random, d.fight.Graph.Names...) }

// edge draws two neighbours, in either order.
func (d *drawing) edge() (a, b string) {
	e := pick(d.random, d.fight.Graph.Edges...)
	one := d.random.IntN(2)
	return d.fight.Graph.Names[e[one]], d.fight.Graph.Names[e[1-one]]
}
