package main

import (
	"fmt"
	"io"

	"proxyherd/reactor/internal/oracle/scenario"
)

// reports is how many differences of a family are shrunk and printed; more are
// counted only.
const reports = 3

// tally is what was found in a family: a row of the table.
type tally struct {
	family                                   string
	scenarios, events, cut, differences      int
	version                                  string
	statementKinds, eventKinds, cutsByReason counts
}

func newTally(family, version string) *tally {
	return &tally{family: family, version: version, statementKinds: counts{}, eventKinds: counts{}, cutsByReason: counts{}}
}

// add counts one outcome in.
func (t *tally) add(o outcome) {
	t.scenarios++
	t.events += o.compared
	if o.cut != nil {
		t.cut++
		t.cutsByReason[o.cut.Rule+": "+o.cut.Reason]++
	}
	if o.differs {
		t.differences++
	}
	t.statementKinds.addKinds(o.script, scenario.StatementKind)
	t.eventKinds.addKinds(o.ours, scenario.EventKind)
}

// counts is how often each kind of thing occurred.
type counts map[string]int

func (c counts) addKinds(lines []string, kind func(string) string) {
	for _, line := range lines {
		c[kind(line)]++
	}
}

// runLive compares ours with a Twisted that is there.
func runLive(c config, chosen []scenario.Family, t *twisted, out io.Writer) error {
	shares := share(c.scenarios, chosen)
	var tallies []*tally
	for i := range chosen {
		f := &chosen[i]
		found := newTally(f.Name, t.version)
		tallies = append(tallies, found)
		match := &contest{family: f, twisted: t, version: t.version, repeat: c.repeat}
		for n := range shares[i] {
			seed := c.seed + uint64(n)
			o, err := match.play(f.Script(seed))
			if err != nil {
				return err
			}
			found.add(o)
			if !o.differs || found.differences > reports {
				continue
			}
			short, err := match.shrink(o)
			if err != nil {
				return err
			}
			writeDifference(out, f.Name, t.version, o, short)
			fmt.Fprintf(out, "replay: go run ./reactor/internal/oracle -family %s -seed %d -scenarios 1\n\n", f.Name, seed)
		}
	}
	return finish(c, tallies, out)
}

// finish writes the table and says whether all is well.
func finish(c config, tallies []*tally, out io.Writer) error {
	writeTable(out, tallies)
	if c.stats {
		writeStats(out, tallies)
	}
	for _, t := range tallies {
		if t.differences > 0 {
			return errDifferent
		}
	}
	return nil
}

// share divides the scenarios by the families' weights, at least one each.
func share(scenarios int, families []scenario.Family) []int {
	total := 0
	for _, f := range families {
		total += weight(f)
	}
	shares := make([]int, len(families))
	left := scenarios
	for i, f := range families {
		shares[i] = max(1, scenarios*weight(f)/total)
		left -= shares[i]
	}
	shares[0] += max(0, left) // what rounding left over
	return shares
}

func weight(f scenario.Family) int {
	if f.Weight == 0 {
		return scenario.DefaultWeight
	}
	return f.Weight
}
