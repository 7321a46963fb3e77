package sim

import (
	"errors"
	"testing"

	"proxyherd/herd"
)

func TestGraphs(t *testing.T) {
	for _, c := range []struct {
		kind           string
		servers, links int
		messages       int
		farthest       int // from the first server; -1: it depends on the seed
	}{
		{"builtin", 5, 5, 6, 2},
		{"builtin", 10, 11, 13, 4},
		{"builtin", 25, 29, 34, 6},
		{"ring", 2, 1, 1, 1},
		{"ring", 7, 7, 8, 3},
		{"mesh", 6, 15, 25, 1},
		{"tree:1", 4, 3, 3, 3},
		{"tree:4", 21, 20, 20, 2},
		{"regular:3", 10, 15, 21, -1},
		{"regular:6", 200, 600, 1001, -1},
	} {
		g, err := NewGraph(c.kind, c.servers, 3)
		if err != nil {
			t.Errorf("%s of %d: %v", c.kind, c.servers, err)
			continue
		}
		if len(g.Names) != c.servers || len(g.Edges) != c.links || g.Messages() != c.messages {
			t.Errorf("%s of %d: %d servers, %d links, %d messages; want %d and %d", c.kind, c.servers, len(g.Names), len(g.Edges), g.Messages(), c.links, c.messages)
		}
		farthest := 0
		for _, hops := range g.Hops(0) {
			if hops < 0 {
				t.Errorf("%s of %d is in pieces", c.kind, c.servers)
			}
			farthest = max(farthest, hops)
		}
		if c.farthest >= 0 && farthest != c.farthest {
			t.Errorf("%s of %d: the farthest is %d away, want %d", c.kind, c.servers, farthest, c.farthest)
		}
		checkTopology(t, g)
	}
}

// checkTopology checks that a herd of the graph's servers can be run, and is the
// same graph.
func checkTopology(t *testing.T, g *Graph) {
	t.Helper()
	topology, err := herd.NewTopology(g.servers())
	if err != nil {
		t.Error(err)
		return
	}
	if pieces := topology.Pieces(); len(pieces) != 1 || topology.Links() != len(g.Edges) {
		t.Errorf("%s: %d pieces and %d links, want 1 and %d", g.Kind, len(pieces), topology.Links(), len(g.Edges))
	}
}

// The built-in kind of graph does not get wider as it grows: nobody has more than four
// neighbours.
func TestFivesStayNarrow(t *testing.T) {
	g, err := NewGraph("builtin", 500, 1)
	if err != nil {
		t.Fatal(err)
	}
	most := 0
	for _, near := range g.near {
		most = max(most, len(near))
	}
	if most != 4 {
		t.Errorf("a server has %d neighbours", most)
	}
}

func TestRegularGraphsAreRegular(t *testing.T) {
	for _, degree := range []int{2, 3, 4, 5, 6} {
		g, err := NewGraph("regular:"+string(rune('0'+degree)), 40, 5)
		if err != nil {
			t.Fatal(err)
		}
		for i, near := range g.near {
			if len(near) != degree {
				t.Errorf("server %d of regular:%d has %d neighbours", i, degree, len(near))
			}
		}
	}
}

func TestRandomGraphsAreOfTheirSeed(t *testing.T) {
	links := map[int]bool{}
	for seed := range uint64(30) {
		g, err := NewGraph("random", 12, seed)
		if err != nil {
			t.Fatal(err)
		}
		again, _ := NewGraph("random", 12, seed)
		for i := range g.Edges {
			if g.Edges[i] != again.Edges[i] {
				t.Fatalf("seed %d drew two graphs", seed)
			}
		}
		checkTopology(t, g)
		links[len(g.Edges)] = true
	}
	if len(links) < 5 {
		t.Errorf("30 seeds drew graphs of %d sizes only", len(links))
	}
}

func TestThereAreGraphsThatThereAreNot(t *testing.T) {
	for _, c := range []struct {
		kind    string
		servers int
	}{
		{"builtin", 6}, {"builtin", 4}, {"ring", 1}, {"ring", 60_001}, {"mesh", maxMesh + 1}, {"tree", 4}, {"tree:0", 4}, {"tree:x", 4},
		{"regular:1", 4}, {"regular:4", 4}, {"regular:3", 5}, {"star", 5}, {"", 5},
	} {
		if _, err := NewGraph(c.kind, c.servers, 1); !errors.Is(err, ErrBadGraph) {
			t.Errorf("%q of %d: %v", c.kind, c.servers, err)
		}
	}
}
