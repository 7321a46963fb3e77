package deferreds

import (
	"fmt"
	"math/rand/v2"

	"proxyherd/reactor/internal/oracle/scenario"
)

// Family is the scenarios of Deferred and its helpers: chains and trees of
// steps, pauses, cancelling at any moment, lists, locks, semaphores and queues.
// Not played: what Go's types rule out (docs/deferred.md); a Deferred that
// waits for itself (DF8); cancel within a canceller of the same Deferred, which
// Twisted calls over again; and firing, pausing or asking what Run returned,
// which in Twisted is the Deferred of the acquiring itself. That all members of
// a list failed is told in one way on both sides (DH3).
var Family = scenario.Family{
	Name:     "deferreds",
	Weight:   30,
	Generate: generate,
	Play:     play,
	Differences: []scenario.Difference{{
		Rule:   "DF9",
		Reason: "paused within one of its own steps, a Deferred of Twisted's runs the steps that follow all the same",
		From:   scenario.First("pausedWithin"),
	}, {
		Rule:   "DF9",
		Reason: "paused while it waits, a Deferred of Twisted's holds back the steps of the one it waited for as well",
		From:   scenario.First("pausedWaiting"),
	}, {
		Rule:   "DF6",
		Reason: "a Deferred that a step returns while it is itself in the middle of its steps: Twisted takes the result in between, ours waits for its last step",
		From:   scenario.First("awaited"),
	}},
	Statements: statements(),
	Events: []string{"cb", "eb", "both", "cbs", "cbWait", "ebWait", "run", "runWait", "called", "cancelling",
		"listed", "first", "gathered", "acquired", "got", "refused", "raised",
		"pausedWithin", "pausedWaiting", "awaited"},
}

// actions is what may happen, in a callback too, in the order of how often.
var actions = []string{
	"fire", "fire", "fire", "fail", "fail", "cb", "cb", "eb", "both", "both", "cbs", "cbWait", "cbWait", "ebWait", "chain",
	"pause", "unpause", "unpause", "cancel", "cancel", "new", "newCancel", "newCancel", "succeed", "failed", "called",
	"list", "first", "gather", "lock", "semaphore", "acquire", "acquire", "release", "release", "run", "runWait",
	"queue", "put", "get", "raise",
}

func statements() (kinds []string) {
	seen := make(map[string]bool)
	for _, action := range actions {
		if seen[action] {
			continue
		}
		seen[action] = true
		kinds = append(kinds, action, "step: "+action, "end: "+action)
		if action != "cancel" {
			kinds = append(kinds, "cancelling: "+action)
		}
	}
	return kinds
}

// deferreds is how many Deferreds a script speaks of.
const deferreds = 6

// generate makes a script about Deferreds, or more about what is made of them.
func generate(r *rand.Rand) scenario.Script {
	d := &scenario.Draw{Rand: r}
	for range d.IntN(6) {
		d.Say("in step %d: %s", d.Between(1, 8), action(d, scenario.Pick(d, actions...)))
	}
	if d.Chance(30) {
		d.Say("in end %d: %s", d.Between(1, 3), action(d, scenario.Pick(d, actions...)))
	}
	for a := range d.Between(2, deferreds) {
		d.Say("%s", made(d, scenario.Pick(d, "new", "new", "newCancel", "newCancel", "succeed", "failed"), a+1))
	}
	if d.Chance(50) {
		inCanceller(d)
	}
	if d.Chance(40) {
		d.Say("%s", action(d, scenario.Pick(d, "lock", "semaphore")))
		d.Say("%s", action(d, "queue"))
	}
	for range d.Between(4, 25) {
		d.Say("%s", action(d, scenario.Pick(d, actions...)))
	}
	for n := range deferreds { // what is there in the end
		d.Say("both %d same", n+1)
	}
	return d.Script
}

// inCanceller has something happen in a canceller.
func inCanceller(d *scenario.Draw) {
	if a := scenario.Pick(d, actions...); a != "cancel" {
		d.Say("in cancelling %d: %s", d.Between(1, 2), action(d, a))
	}
}

// action is a statement with what belongs to it.
func action(d *scenario.Draw, what string) string {
	n := d.Between(1, deferreds)
	switch what {
	case "new", "newCancel", "succeed", "failed":
		return made(d, what, n)
	case "fire", "fail":
		return fmt.Sprint(what, " ", n, " ", d.Between(1, 9))
	case "cb", "eb", "both":
		return fmt.Sprint(what, " ", n, " ", ending(d))
	case "cbs":
		return fmt.Sprint(what, " ", n, " ", ending(d), " ", ending(d))
	case "cbWait", "ebWait":
		first := d.Between(1, deferreds-1)
		return fmt.Sprint(what, " ", first, " ", d.Between(first+1, deferreds))
	case "chain":
		return fmt.Sprint(what, " ", n, " ", d.Between(1, deferreds))
	case "cancel":
		return fmt.Sprint(what, " ", scenario.Pick(d, fmt.Sprint(n), fmt.Sprint(n), "L", "M", "x", "y", "z"))
	case "list", "first", "gather":
		return list(d, what)
	case "lock":
		return "lock K"
	case "semaphore":
		return fmt.Sprint(what, " K ", d.IntN(3))
	case "release":
		return "release K"
	case "acquire":
		return fmt.Sprint(what, " K ", scenario.Pick(d, "x", "y", "z", "u", "v"))
	case "run":
		return fmt.Sprint(what, " K ", n, " ", ending(d))
	case "runWait":
		return fmt.Sprint(what, " K ", n, " ", d.Between(1, deferreds))
	case "queue":
		return fmt.Sprint(what, " Q ", d.Between(-1, 2), " ", d.Between(-1, 2))
	case "put":
		return fmt.Sprint(what, " Q ", d.Between(1, 9))
	case "get":
		return fmt.Sprint(what, " Q ", scenario.Pick(d, "x", "y", "z", "u", "v"))
	case "raise":
		return what
	default: // pause, unpause, called
		return fmt.Sprint(what, " ", n)
	}
}

// made is a statement that makes a Deferred.
func made(d *scenario.Draw, what string, n int) string {
	switch what {
	case "newCancel":
		return fmt.Sprint(what, " ", n, " ", scenario.Pick(d, "nothing", "nothing", "fire 7", "fail 8", "raise"))
	case "succeed", "failed":
		return fmt.Sprint(what, " ", n, " ", d.Between(1, 9))
	default:
		return fmt.Sprint(what, " ", n)
	}
}

// ending is with what a step ends.
func ending(d *scenario.Draw) string {
	return scenario.Pick(d, "same 0", "same 0", "value 3", "value 4", "error 5", "error 6", "raise 0")
}

func list(d *scenario.Draw, what string) string {
	s := fmt.Sprint(what, " ", scenario.Pick(d, "L", "M"), " ", scenario.Pick(d, "-", "e", "c", "ec"))
	for range d.IntN(4) {
		s += fmt.Sprint(" ", d.Between(1, deferreds))
	}
	return s
}
