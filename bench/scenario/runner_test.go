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
	moment := &Size{Rounds: 2, Duration: Duration(100 * time.Millisecond), Scenarios: map[string]Portion{}}
	for _, s := range all {
		portion := Portion{Rounds: 1, Clients: 1000, Updates: 20, Points: []string{s.Points[0].Name}}
		switch s.Kind {
		case Idle:
			portion.Connections = 600
		case Ramp:
			portion.Duration = Duration(30 * time.Millisecond)
		}
		if s.Name == "throughput" {
			portion.Rounds = 0 // as the size has it
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
			if len(p.Entries) < 3 || !p.Entries[len(p.Entries)-1].Null {
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
