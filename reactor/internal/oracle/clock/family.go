package clock

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"proxyherd/reactor/internal/oracle/scenario"
)

// Family is the scenarios of task.Clock: calls that are made, moved and
// cancelled, from within each other too. A negative delay is not played (CK5).
var Family = scenario.Family{
	Name:     "clock",
	Generate: generate,
	Play:     play,
	Differences: []scenario.Difference{{
		Rule:   "CK3",
		Reason: "of calls due at the same time, one that was moved comes where the sort left it; in ours in the order of the calls",
		From:   movedTie,
	}},
	Statements: []string{"later", "advance", "pump", "pending", "cancel", "reset", "delay", "look",
		"call: later", "call: advance", "call: pump", "call: pending", "call: cancel", "call: reset", "call: delay", "call: look", "call: raise"},
	Events: []string{"made", "called", "now", "moved", "cancelled", "active", "pending", "refused", "raised"},
}

// movedTie is the first call at a time for which another call was due as well,
// one of the two having been moved.
func movedTie(_ scenario.Script, ours scenario.Transcript) int {
	moved := make(map[string]bool)
	due := make(map[string][]string) // the calls that ever were due at a time
	for _, event := range ours {
		w := strings.Fields(event)
		switch w[0] {
		case "moved":
			moved[w[1]] = true
			due[w[2]] = append(due[w[2]], w[1])
		case "made":
			due[w[2]] = append(due[w[2]], w[1])
		}
	}
	for i, event := range ours {
		w := strings.Fields(event)
		if w[0] != "called" {
			continue
		}
		for _, other := range due[w[2]] {
			if other != w[1] && (moved[other] || moved[w[1]]) {
				return i
			}
		}
	}
	return -1
}

// names is how many calls a script speaks of.
const names = 7

// generate makes a script. Calls are made for even ticks and moved by odd ones,
// so that most ties are between calls that were not moved.
func generate(r *rand.Rand) scenario.Script {
	d := &scenario.Draw{Rand: r}
	for range d.IntN(6) {
		d.Say("in call %d: %s", d.Between(1, 7), action(d, "raise"))
	}
	for name := range d.Between(1, names) {
		d.Say("later %d %d", name+1, 2*d.IntN(9))
	}
	for range d.Between(3, 20) {
		d.Say("%s", action(d, "advance"))
	}
	d.Say("pending")
	d.Say("advance %d", 2*d.Between(0, 20))
	return d.Script
}

func action(d *scenario.Draw, also string) string {
	name := d.Between(1, names)
	switch a := scenario.Pick(d, "later", "later", "later", "later", "advance", "advance", "pump", "pending", "cancel", "reset", "delay", "look", also); a {
	case "later":
		return fmt.Sprint(a, " ", name, " ", 2*d.IntN(7))
	case "advance":
		return fmt.Sprint(a, " ", 2*d.IntN(5))
	case "pump":
		return fmt.Sprint(a, " ", 2*d.IntN(3), " ", 2*d.IntN(3), " ", 2*d.IntN(3))
	case "reset":
		return fmt.Sprint(a, " ", name, " ", 2*d.Between(-2, 7)+1)
	case "delay":
		return fmt.Sprint(a, " ", name, " ", 2*d.Between(-4, 7)+1)
	case "cancel", "look":
		return fmt.Sprint(a, " ", name)
	default:
		return a
	}
}
