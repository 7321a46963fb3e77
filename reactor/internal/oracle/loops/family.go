package loops

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"proxyherd/reactor/internal/oracle/scenario"
)

// Family is the scenarios of task.LoopingCall: loops that stop, reset, fail and
// wait, on a clock that advances unevenly. Not played: starting a loop again
// while its last call has not ended, which ours refuses and after which
// Twisted's runs twice; cancelling what start returned, which in Twisted stops
// nothing; and counting with an interval of 0 (LC8).
var Family = scenario.Family{
	Name:     "loops",
	Generate: generate,
	Play:     play,
	Differences: []scenario.Difference{{
		Rule: "LC7, LC8", Later: true,
		Reason: "later versions count from the last reset, 13.2.0 and ours from the start",
		From:   countAfterReset,
	}, {
		Rule:   "LC8",
		Reason: "started again, a counting loop of Twisted's counts from its last call and may count 0",
		From:   countAfterEnd,
	}},
	Statements: []string{"make", "makeCount", "start", "stop", "reset", "look", "advance", "fire", "fail",
		"call: make", "call: start", "call: stop", "call: reset", "call: advance", "call: wait", "call: fire", "call: fail", "call: raise", "call: look",
		"end: start", "end: stop", "end: reset", "end: look", "end: advance"},
	Events: []string{"call", "ended", "did", "refused", "running"},
}

// countAfterReset is the first call with a count after a reset.
func countAfterReset(_ scenario.Script, ours scenario.Transcript) int {
	reset := slices.Index(ours, "did reset")
	if reset < 0 {
		return -1
	}
	for i := reset; i < len(ours); i++ {
		if strings.Contains(ours[i], " count ") {
			return i
		}
	}
	return -1
}

// countAfterEnd is the first call with a count of a loop that had ended.
func countAfterEnd(_ scenario.Script, ours scenario.Transcript) int {
	ended := make(map[string]bool)
	for i, event := range ours {
		switch w := strings.Fields(event); {
		case w[0] == "ended":
			ended[w[1]] = true
		case w[0] == "call" && len(w) > 3 && ended[w[1]]:
			return i
		}
	}
	return -1
}

// generate makes a script of two loops and three Deferreds.
func generate(r *rand.Rand) scenario.Script {
	d := &scenario.Draw{Rand: r}
	for range d.IntN(5) {
		d.Say("in call %d: %s", d.Between(1, 12), scenario.Pick(d, "raise", "wait "+aWait(d), "wait "+aWait(d), "make b", action(d), action(d)))
	}
	if d.Chance(30) {
		d.Say("in end 1: %s", scenario.Pick(d, start(d), "stop "+aLoop(d), "reset "+aLoop(d), "look "+aLoop(d), "advance "+fmt.Sprint(d.IntN(9))))
	}
	d.Say("%s a", scenario.Pick(d, "make", "makeCount"))
	if d.Chance(50) {
		d.Say("%s b", scenario.Pick(d, "make", "makeCount"))
	}
	d.Say("%s", start(d))
	for range d.Between(6, 25) {
		switch d.IntN(12) {
		case 0:
			d.Say("%s b", scenario.Pick(d, "make", "makeCount"))
		case 1, 2, 3, 4:
			d.Say("%s", action(d))
		default:
			d.Say("advance %d", scenario.Pick(d, 1, 2, 3, 3, 4, 4, 5, 7, 12, 40))
		}
	}
	return d.Script
}

func aLoop(d *scenario.Draw) string { return scenario.Pick(d, "a", "a", "b") }

func aWait(d *scenario.Draw) string { return scenario.Pick(d, "x", "y", "z") }

func start(d *scenario.Draw) string {
	return fmt.Sprint("start ", aLoop(d), " ", scenario.Pick(d, 1, 2, 3, 3, 4, 4, 4, 10, 0, -1), " ", scenario.Pick(d, "now", "later"))
}

func action(d *scenario.Draw) string {
	switch a := scenario.Pick(d, "start", "stop", "reset", "look", "advance", "fire", "fire", "fail"); a {
	case "start":
		return start(d)
	case "advance":
		return fmt.Sprint(a, " ", d.IntN(9))
	case "fire", "fail":
		return a + " " + aWait(d)
	default:
		return a + " " + aLoop(d)
	}
}
