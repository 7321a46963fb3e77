package scaled

import (
	"errors"
	"math"
	"slices"
	"testing"

	"proxyherd/bench/paired"
	"proxyherd/herd/sim"
)

// The formulas are those of the graphs that the simulator makes.
func TestFormulasAreTheGraphs(t *testing.T) {
	checked := 0
	for i := range Kinds {
		k := &Kinds[i]
		for _, n := range []int{5, 10, 25, 50, 100, 150} {
			if n < k.Least {
				continue
			}
			g, err := sim.NewGraph(k.Name, n, 7)
			if err != nil {
				t.Fatalf("%s of %d: %v", k.Name, n, err)
			}
			degrees := make([]int, n)
			for _, e := range g.Edges {
				degrees[e[0]]++
				degrees[e[1]]++
			}
			if len(g.Edges) != k.Links(n) || g.Messages() != k.Messages(n) || slices.Max(degrees) != k.Degree(n) {
				t.Errorf("%s of %d: %d links, %d messages and %d neighbours, by the formulas %d, %d and %d",
					k.Name, n, len(g.Edges), g.Messages(), slices.Max(degrees), k.Links(n), k.Messages(n), k.Degree(n))
			}
			checked++
		}
		if k.Most > 0 {
			if _, err := sim.NewGraph(k.Name, k.Most, 1); err != nil {
				t.Errorf("%s of %d: %v", k.Name, k.Most, err)
			}
			if _, err := sim.NewGraph(k.Name, k.Most+1, 1); !errors.Is(err, sim.ErrBadGraph) {
				t.Errorf("%s: the simulator does not stop at %d servers: %v", k.Name, k.Most, err)
			}
		}
	}
	if checked < 6*len(Kinds)-1 {
		t.Errorf("%d graphs were looked at", checked)
	}
}

// some are units that differ from each other.
var some = Units{Own: 10, First: 5, Copy: 1, Send: 2}

// pointsFrom are points whose costs are those of units.
func pointsFrom(u Units, design string, regime Regime, null bool) (list []Point) {
	for _, degree := range []int{1, 4, 16} {
		for _, p := range []Point{{Degree: degree}, {Degree: degree, Copies: degree - 2}, {Degree: degree, Own: true}} {
			if p.Copies < 0 {
				continue
			}
			p.Design, p.Regime, p.Null = design, regime, null
			cost := u.Point(&p)
			p.Rounds = []Round{{Cost: cost, Rate: 1e6 / cost, Through: 100}, {Cost: 1.1 * cost, Rate: 0.9e6 / cost, Through: 120}}
			list = append(list, p)
		}
	}
	return list
}

func TestUnitsComeBackFromCosts(t *testing.T) {
	r := &Report{Points: pointsFrom(some, "reactor", Dense, false)}
	u, err := UnitsOf(r, "reactor", Dense, false)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name            string
		low, high, want float64
	}{
		{"own", u.Own.Low, u.Own.High, some.Own}, {"first", u.First.Low, u.First.High, some.First},
		{"copy", u.Copy.Low, u.Copy.High, some.Copy}, {"send", u.Send.Low, u.Send.High, some.Send},
	} {
		if math.Abs(c.low-c.want) > 1e-6 || math.Abs(c.high-1.1*c.want) > 1e-6 {
			t.Errorf("%s is from %g to %g, want %g and a tenth more", c.name, c.low, c.high, c.want)
		}
	}
	if _, err := UnitsOf(r, "reactor", Alone, false); !errors.Is(err, ErrFew) {
		t.Errorf("of no points: %v", err)
	}
	r.Points = r.Points[:2]
	if _, err := UnitsOf(r, "reactor", Dense, false); !errors.Is(err, ErrFew) {
		t.Errorf("of two points: %v", err)
	}
}

// A deviation counts by its share of the cost: what is dear does not decide alone.
func TestDeviationsAreRelative(t *testing.T) {
	points := pointsFrom(some, "reactor", Dense, false)
	dear := &points[len(points)-1]
	dear.Rounds[0].Cost *= 1.5
	u, err := Fit(points, 0)
	if err != nil {
		t.Fatal(err)
	}
	for i := range points {
		p := &points[i]
		if off := math.Abs(u.Point(p)/p.Rounds[0].Cost - 1); off > 0.4 {
			t.Errorf("%+v is off by %.2f", p, off)
		}
	}
}

func TestWhatAHerdCosts(t *testing.T) {
	for _, c := range []struct {
		kind          string
		servers       int
		busiest, herd float64
	}{
		// One from a client, four for the first time, 2 copies, 6 messages.
		{"builtin", 5, 5 + 0.4*1 + 2*2, 10 + 4*5 + 2*1 + 6*2},
		{"ring", 5, 5 + 0.4*1 + 1*2, 10 + 4*5 + 2*1 + 6*2},
		{"tree:4", 5, 5 + 3*2, 10 + 4*5 + 4*2},
		{"mesh", 5, 5 + 2.4*1 + 3*2, 10 + 4*5 + 12*1 + 16*2},
		{"regular:6", 100, 5 + 4.02*1 + 5*2, 10 + 99*5 + 402*1 + 501*2},
	} {
		k, err := kindNamed(c.kind)
		if err != nil {
			t.Fatal(err)
		}
		if got := some.Busiest(k, c.servers); math.Abs(got-c.busiest) > 1e-9 {
			t.Errorf("%s of %d: %g for the busiest, want %g", c.kind, c.servers, got, c.busiest)
		}
		if got := some.Herd(k, c.servers); math.Abs(got-c.herd) > 1e-9 {
			t.Errorf("%s of %d: %g for all, want %g", c.kind, c.servers, got, c.herd)
		}
	}
	if _, err := kindNamed("star"); err == nil {
		t.Error("there is a formula for a star")
	}
}

// One server more, and the busiest has more than a core's work.
func TestMostServers(t *testing.T) {
	checked := 0
	for i := range Kinds {
		k := &Kinds[i]
		for _, each := range []float64{1, 30, 1000, 1e6} {
			n := some.MostServers(k, each)
			work := func(n int) float64 { return float64(n) * each * some.Busiest(k, n) }
			switch {
			case n == 0:
				if work(k.Least) <= 1e6 {
					t.Errorf("%s, %g: %d servers would fit", k.Name, each, k.Least)
				}
			case work(n) > 1e6 || work(n+1) <= 1e6:
				t.Errorf("%s, %g: %d servers have %g us of work in a second, one more %g", k.Name, each, n, work(n), work(n+1))
			}
			checked++
		}
	}
	if checked != 4*len(Kinds) {
		t.Errorf("%d herds were looked at", checked)
	}
	if n := (BusRanges{Publish: paired.Range{Median: 1}, Deliver: paired.Range{Median: 1}}).MostServers(100); n != 100 {
		t.Errorf("100 servers have 100 updates a second each, of 100 us; %d fit", n)
	}
	if n := (Units{}).MostServers(&Kinds[1], 1); n < 100_000_000 {
		t.Errorf("servers that have no work are %d at most", n)
	}
}

func TestABackboneSendsOneForEach(t *testing.T) {
	if got := BackboneMessages(5); got != 5 {
		t.Errorf("%d messages for five servers: one is published, and four are delivered", got)
	}
}
