package sim

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"proxyherd/herd"
)

// ErrBadGraph says that there is no such graph.
var ErrBadGraph = errors.New("not a graph of servers")

// Graphs are the kinds of graphs that NewGraph makes, as users write them.
var Graphs = []string{"builtin", "ring", "mesh", "tree:N", "regular:N", "random"}

// Graph is who talks to whom. It is in one piece, and never changed.
type Graph struct {
	Kind  string // as NewGraph takes it
	Seed  uint64 // that drew it, where something was drawn
	Names []string
	Edges [][2]int // numbers of Names, the lower first
	near  [][]int  // the neighbours of each, in the order of Edges
}

// maxMesh is where a mesh's links, which grow with the square, get too many.
const maxMesh = 200

// NewGraph makes a graph of one of the kinds in Graphs, where N is how many
// children a server of the tree has, or how many neighbours each has. The seed
// draws regular and random ones. The error wraps ErrBadGraph.
func NewGraph(kind string, servers int, seed uint64) (*Graph, error) {
	name, argument, _ := strings.Cut(kind, ":")
	number, _ := strconv.Atoi(argument)
	g := &Graph{Kind: kind, Seed: seed}
	if servers < 2 || servers > 60_000 {
		return nil, fmt.Errorf("%w: %d servers; give from 2 to 60000", ErrBadGraph, servers)
	}
	for i := range servers {
		g.Names = append(g.Names, fmt.Sprintf("S%04d", i+1))
	}
	random := rand.New(rand.NewPCG(seed, 1))
	var err error
	switch {
	case name == "builtin" && servers%len(herd.Default().Servers) == 0:
		g.builtin()
	case name == "ring":
		g.cycle(identity(servers))
	case name == "mesh" && servers <= maxMesh:
		g.mesh()
	case name == "tree" && number > 0:
		g.tree(func(i int) int { return (i - 1) / number })
	case name == "regular" && number > 1 && number < servers:
		err = g.regular(number, random)
	case name == "random":
		g.random(random)
	default:
		err = fmt.Errorf("%w: %q of %d servers; the kinds are %s, where builtin has five servers or fives of them, and a mesh at most %d",
			ErrBadGraph, kind, servers, strings.Join(Graphs, ", "), maxMesh)
	}
	if err != nil {
		return nil, err
	}
	g.near = make([][]int, servers)
	for _, e := range g.Edges {
		g.near[e[0]] = append(g.near[e[0]], e[1])
		g.near[e[1]] = append(g.near[e[1]], e[0])
	}
	return g, nil
}

func identity(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

// builtin is the assignment's five. More of them are a tree of such fives, each with up
// to four below it: the one that hangs on a single neighbour is linked to one of the other
// four, which form a ring, in the five above. So no server has more than four neighbours.
func (g *Graph) builtin() {
	servers := herd.Default().Servers
	five := make([]string, len(servers))
	var hanging int
	var ring []int
	for i, s := range servers {
		five[i] = s.Name
		if len(s.TalksTo) == 1 {
			hanging = i
		} else {
			ring = append(ring, i)
		}
	}
	for first := 0; first < len(g.Names); first += len(five) {
		for i, s := range servers {
			for _, other := range s.TalksTo {
				g.link(first+i, first+slices.Index(five, other))
			}
		}
		if first > 0 {
			child := first/len(five) - 1 // counted without the first five
			g.link(first+hanging, child/len(ring)*len(five)+ring[child%len(ring)])
		}
	}
	if len(g.Names) == len(five) {
		g.Names = five
	}
}

// link adds an edge unless it is there, and reports whether it was not.
func (g *Graph) link(a, b int) bool {
	e := [2]int{min(a, b), max(a, b)}
	if a == b || slices.Contains(g.Edges, e) {
		return false
	}
	g.Edges = append(g.Edges, e)
	return true
}

func (g *Graph) cycle(order []int) {
	for i, a := range order {
		b := order[(i+1)%len(order)]
		if len(order) > 2 || i == 0 {
			g.Edges = append(g.Edges, [2]int{min(a, b), max(a, b)})
		}
	}
}

func (g *Graph) mesh() {
	for a := range g.Names {
		for b := range a {
			g.Edges = append(g.Edges, [2]int{b, a})
		}
	}
}

func (g *Graph) tree(parent func(int) int) {
	for i := 1; i < len(g.Names); i++ {
		g.Edges = append(g.Edges, [2]int{parent(i), i})
	}
}

// random is a tree with up to as many links again.
func (g *Graph) random(random *rand.Rand) {
	g.tree(func(i int) int { return random.IntN(i) })
	for range random.IntN(len(g.Names)) {
		g.link(random.IntN(len(g.Names)), random.IntN(len(g.Names)))
	}
}

// regular joins random rings that have no link in common, and for an odd degree
// pairs of opposite servers of one ring besides.
func (g *Graph) regular(degree int, random *rand.Rand) error {
	n := len(g.Names)
	if degree%2 == 1 && n%2 == 1 {
		return fmt.Errorf("%w: %d servers cannot have %d neighbours each; make one of the two even", ErrBadGraph, n, degree)
	}
	taken := map[[2]int]bool{}
	for ; degree > 0; degree -= 2 {
		shape := ring
		if degree == 1 {
			shape = pairs
		}
		const most = 100_000
		try := 0
		for !g.add(shape(random.Perm(n)), taken) {
			if try++; try > most {
				return fmt.Errorf("%w: none was found of %d servers with that many neighbours each; take fewer neighbours, or mesh", ErrBadGraph, n)
			}
		}
	}
	return nil
}

// add adds edges unless one of them is taken, and reports whether it did.
func (g *Graph) add(edges [][2]int, taken map[[2]int]bool) bool {
	for _, e := range edges {
		if taken[e] {
			return false
		}
	}
	for _, e := range edges {
		taken[e] = true
	}
	g.Edges = append(g.Edges, edges...)
	return true
}

func ring(order []int) (edges [][2]int) {
	r := Graph{}
	r.cycle(order)
	return r.Edges
}

func pairs(order []int) (edges [][2]int) {
	for i := 0; i < len(order); i += 2 {
		edges = append(edges, [2]int{min(order[i], order[i+1]), max(order[i], order[i+1])})
	}
	return edges
}

// Messages is what a flooded update costs: 2E - (N - 1).
func (g *Graph) Messages() int { return 2*len(g.Edges) - (len(g.Names) - 1) }

// Hops returns the distance of each server from one of them.
func (g *Graph) Hops(from int) []int {
	hops := make([]int, len(g.Names))
	for i := range hops {
		hops[i] = -1
	}
	hops[from] = 0
	for queue := []int{from}; len(queue) > 0; queue = queue[1:] {
		for _, next := range g.near[queue[0]] {
			if hops[next] < 0 {
				hops[next] = hops[queue[0]] + 1
				queue = append(queue, next)
			}
		}
	}
	return hops
}

// within counts the links between servers for which in holds.
func (g *Graph) within(in func(name string) bool) (links int) {
	for _, e := range g.Edges {
		if in(g.Names[e[0]]) && in(g.Names[e[1]]) {
			links++
		}
	}
	return links
}

// servers are the graph's as a config has them. Each has an address of its own,
// so that any number of them finds room in memory.
func (g *Graph) servers() []herd.Server {
	list := make([]herd.Server, len(g.Names))
	for i, name := range g.Names {
		n := i + 1
		at := netip.AddrFrom4([4]byte{127, byte(1 + n>>16), byte(n >> 8), byte(n)})
		list[i] = herd.Server{
			Name: name, Clients: netip.AddrPortFrom(at, 12000).String(), Peers: netip.AddrPortFrom(at, 12100).String(),
		}
		for _, other := range g.near[i] {
			list[i].TalksTo = append(list[i].TalksTo, g.Names[other])
		}
	}
	return list
}
