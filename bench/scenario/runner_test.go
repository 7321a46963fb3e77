package scenario

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"proxyherd/bench/load"
	"proxyherd/bench/peers"
)

// Every scenario is played with every peer of the core for a moment, so that none can
// rot. What is measured thereby means nothing, and is not looked at.
func TestEveryScenarioIsPlayed(t *testing.T) {
	all, err := All()
	if err != nil {
		t.Fatal(err)
	}
	moment := &Size{Rounds: 2, Duration: Duration(100 * time.Millisecond), Scenarios: map[string]Portion{}, cold: true}
	all = slices.DeleteFunc(all, func(s Scenario) bool { return len(s.Peers) > 0 }) // which the next test plays

	entries := map[string]int{} // the bounds on them
	for _, s := range all {
		entries[s.Name] = s.Entries
		portion := Portion{Rounds: 1, Clients: 1000, Updates: 20, Points: []string{s.Points[0].Name}}
		switch s.Kind {
		case Idle:
			portion.Connections = 600
		case Ramp:
			portion.Duration = Duration(30 * time.Millisecond)
		}
		switch s.Name {
		case "throughput":
			portion.Rounds = 0 // as the size has it
		case "wirelog":
			portion.Slices = 2
		}
		moment.Scenarios[s.Name] = portion
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	r := Runner{
		Place: peers.Place{Root: root, Bin: t.TempDir()}, Dir: t.TempDir(), Peers: Core, Null: true, own: moment,
		Tell: func(line string) { told = append(told, line) },
	}
	report, err := r.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Scenarios) != len(all) {
		t.Fatalf("%d of %d scenarios were played", len(report.Scenarios), len(all))
	}
	good := 0
	for _, o := range report.Scenarios {
		for _, p := range o.Points {
			bound := entries[o.Name]
			if bound > 0 && len(p.Entries) != bound || bound == 0 && (len(p.Entries) < 3 || !p.Entries[len(p.Entries)-1].Null) {
				t.Errorf("%s, %s: %d entries", o.Name, p.Point.Name, len(p.Entries))
			}
			for _, e := range p.Entries {
				for _, m := range e.Measurements {
					switch {
					case m.Failed == "" && m.Errors() == (load.Errors{}):
						good++
					case strings.Contains(m.Failed, load.ErrNoReply.Error()): // on a machine with much else to do
					default:
						t.Errorf("%s, %s, %s: %s %+v", o.Name, p.Point.Name, e.Name, m.Failed, m.Errors())
					}
				}
			}
		}
	}
	if good == 0 {
		t.Error("nothing was measured")
	}
	c := report.Conditions
	if c.Kernel == "" || c.Cores == 0 || c.Versions["go"] == "" || c.Machine == "" || len(c.Lacks) == 0 {
		t.Errorf("the conditions: %+v", c)
	}
	checkOrder(t, told)
}

// The scenarios that name their peers have these measured, as far as this machine has
// them; each that is measured nowhere else is in one of those played here.
func TestTheScenariosThatNameTheirPeersArePlayed(t *testing.T) {
	all, err := All()
	if err != nil {
		t.Fatal(err)
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	list, err := peers.All()
	if err != nil {
		t.Fatal(err)
	}
	fresh := map[string]bool{} // who stands apart, and was not met yet
	for _, p := range list {
		fresh[p.Name] = p.Apart
	}
	moment := &Size{Rounds: 1, Duration: Duration(200 * time.Millisecond), cold: true, Scenarios: map[string]Portion{}}
	named := map[string][]string{}
	for _, s := range all {
		if slices.ContainsFunc(s.Peers, func(name string) bool { return fresh[name] }) {
			for _, name := range s.Peers {
				fresh[name] = false
			}
			named[s.Name] = s.Peers
			moment.Scenarios[s.Name] = Portion{Clients: 500, Points: []string{s.Points[len(s.Points)-1].Name}}
		}
	}
	r := Runner{Place: peers.Place{Root: root, Bin: t.TempDir()}, Dir: t.TempDir(), Tell: func(string) {}, own: moment}
	report, err := r.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	measured := 0
	for _, o := range report.Scenarios {
		entries := o.Points[0].Entries
		if len(entries) > len(named[o.Name]) || len(entries)+len(report.Conditions.Missing) < len(named[o.Name]) {
			t.Errorf("%s: %d entries of %q; missing: %q", o.Name, len(entries), named[o.Name], report.Conditions.Missing)
		}
		for _, e := range entries {
			m := e.Measurements[0]
			if !slices.Contains(named[o.Name], e.Peer) {
				t.Errorf("%s does not name %s", o.Name, e.Peer)
			}
			if errors := m.Errors(); m.Failed != "" && !strings.Contains(m.Failed, load.ErrNoReply.Error()) || errors.Wrong+errors.Lost > 0 {
				t.Errorf("%s, %s: %s %+v", o.Name, e.Name, m.Failed, errors)
			}
			measured++
		}
	}
	if len(report.Scenarios) != len(named) || measured == 0 {
		t.Errorf("%d scenarios of %d, %d measurements", len(report.Scenarios), len(named), measured)
	}
	for name, left := range fresh {
		if left {
			t.Errorf("%s is measured nowhere", name)
		}
	}
}

// Every other peer that this machine has can be measured, and none is left out unsaid.
func TestTheOtherPeersAreMeasured(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	r := Runner{
		Place: peers.Place{Root: root, Bin: t.TempDir()}, Dir: t.TempDir(), Only: []string{"throughput"}, Tell: func(string) {},
		own: &Size{Rounds: 1, Duration: Duration(100 * time.Millisecond), Everybody: true, cold: true, Scenarios: map[string]Portion{"throughput": {Points: []string{"P=16"}, Clients: 500}}},
	}
	report, err := r.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	all, err := peers.All()
	if err != nil {
		t.Fatal(err)
	}
	all = slices.DeleteFunc(all, func(p peers.Peer) bool { return p.Apart })
	entries := report.Scenarios[0].Points[0].Entries
	if len(entries)+len(report.Conditions.Missing) != len(all) || len(entries) < len(Core) {
		t.Errorf("%d entries; missing: %q", len(entries), report.Conditions.Missing)
	}
	for _, e := range entries {
		m := e.Measurements[0]
		if m.Failed != "" && !strings.Contains(m.Failed, load.ErrNoReply.Error()) || m.Errors() != (load.Errors{}) {
			t.Errorf("%s: %s %+v", e.Name, m.Failed, m.Errors())
		}
	}
}

// A run that ended early goes on with what is missing, on the same sources alone.
func TestARunGoesOn(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	began := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	after := func(change func(*Conditions)) *Runner {
		p := playing{Runner: &Runner{Place: peers.Place{Root: root}}, servers: []int{0}}
		now := p.conditions(t.Context())
		then := Conditions{Machine: now.Machine, CPU: now.CPU, Commit: now.Commit, Begun: began, Took: Duration(time.Minute)}
		change(&then)
		return &Runner{
			Place: peers.Place{Root: root, Bin: t.TempDir()}, Dir: t.TempDir(), Peers: []string{"c"}, Tell: func(string) {}, unchanged: true,
			Before: &Report{Conditions: then, Scenarios: []Outcome{{Name: "throughput", Title: "as it was"}}},
			own: &Size{Rounds: 1, Duration: Duration(50 * time.Millisecond), Scenarios: map[string]Portion{
				"throughput": {}, "churn": {},
			}},
		}
	}
	for says, change := range map[string]func(*Conditions){
		"machine another":   func(c *Conditions) { c.Machine = "another" },
		"processor another": func(c *Conditions) { c.CPU = "another" },
		"commit another":    func(c *Conditions) { c.Commit = "another" },
		"with changes":      func(c *Conditions) { c.Changed = true },
		"size quick":        func(c *Conditions) { c.Size = "quick" },
	} {
		if _, err := after(change).Run(t.Context()); !errors.Is(err, ErrData) || !strings.Contains(err.Error(), says) {
			t.Errorf("it should not go on, and say %q: %v", says, err)
		}
	}
	r := after(func(*Conditions) {})
	kept := 0
	r.Keep = func(*Report) error { kept++; return nil }
	report, err := r.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c := &report.Conditions
	if len(report.Scenarios) != 2 || report.Scenarios[0].Title != "as it was" || report.Scenarios[1].Name != "churn" || kept != 1 ||
		!c.Begun.Equal(began) || time.Duration(c.Took) < time.Minute {
		t.Errorf("%d scenarios, %+v", len(report.Scenarios), c)
	}
}

// checkOrder checks that the second round goes the other way.
func checkOrder(t *testing.T, told []string) {
	t.Helper()
	var rounds [2][]string
	for _, line := range told {
		for round := range rounds {
			if rest, found := strings.CutPrefix(line, fmt.Sprintf("Throughput, P=1, round %d of 2: ", round+1)); found {
				name, _, _ := strings.Cut(rest, ": ")
				rounds[round] = append(rounds[round], name)
			}
		}
	}
	slices.Reverse(rounds[1])
	if len(rounds[0]) < 5 || !slices.Equal(rounds[0], rounds[1]) {
		t.Errorf("the first round goes %q, and the second, backwards, %q", rounds[0], rounds[1])
	}
}

func TestARunThatCannotBe(t *testing.T) {
	for _, r := range []Runner{{Size: "huge"}, {Size: "quick", Only: []string{"flight"}}, {Size: "quick", Peers: []string{"cow"}}} {
		if _, err := r.Run(t.Context()); !errors.Is(err, ErrData) {
			t.Errorf("%+v: %v", r, err)
		}
	}
}
