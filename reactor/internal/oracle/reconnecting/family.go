package reconnecting

import (
	"fmt"
	"math/rand/v2"

	"proxyherd/reactor/internal/oracle/scenario"
)

// Family is the scenarios of ReconnectingClientFactory: attempts that fail and
// connections that are lost, on a Clock, with jitter from a generator that both
// sides share. Twisted's is told of its connector when connecting starts, and
// its delay is set with initialDelay, as in ours on purpose (RC11, RC13); its
// clock is given (RC10).
var Family = scenario.Family{
	Name:     "reconnecting",
	Generate: generate,
	Play:     play,
	Statements: []string{"maxDelay", "initialDelay", "factor", "jitter", "maxRetries", "random",
		"connect", "made", "failed", "lost", "retry", "stopTrying", "resetDelay", "advance", "look",
		"connect: made", "connect: failed", "connect: lost", "connect: retry", "connect: stopTrying", "connect: resetDelay",
		"connect: connect", "connect: advance", "connect: look", "connect: raise"},
	Events: []string{"connect", "busy", "stopConnecting", "refused", "state", "raised"},
}

// generate makes a script: settings first, since delays grow from them.
func generate(r *rand.Rand) scenario.Script {
	d := &scenario.Draw{Rand: r}
	d.Say("jitter %s", scenario.Pick(d, "-1", "-1", "0.11962656472", "0.25", "0.4"))
	d.Say("random %d", d.IntN(1<<30))
	if d.Chance(50) {
		d.Say("factor %s", scenario.Pick(d, "2", "1.5", "1.25", "3", "1"))
	}
	if d.Chance(50) {
		d.Say("maxDelay %d", scenario.Pick(d, 4, 10, 40, 400))
	}
	if d.Chance(40) {
		d.Say("initialDelay %d", scenario.Pick(d, 1, 2, 8, 40))
	}
	if d.Chance(40) {
		d.Say("maxRetries %d", d.Between(1, 4))
	}
	for range d.IntN(4) {
		d.Say("in connect %d: %s", d.Between(1, 6), scenario.Pick(d, "raise", action(d), action(d), action(d)))
	}
	for range d.Between(4, 25) {
		d.Say("%s", scenario.Pick(d, action(d), action(d), action(d), "failed a", "made a", "lost a"))
		if d.Chance(60) {
			d.Say("look")
		}
	}
	return d.Script
}

func action(d *scenario.Draw) string {
	a := scenario.Pick(d, "connect", "made", "made", "failed", "failed", "failed", "lost", "lost", "retry", "stopTrying", "resetDelay",
		"advance", "advance", "advance", "advance", "look")
	switch a {
	case "connect", "made", "failed", "lost":
		return a + " " + scenario.Pick(d, "a", "a", "a", "b")
	case "retry":
		return a + scenario.Pick(d, "", "", " a", " b")
	case "advance":
		return fmt.Sprint(a, " ", scenario.Pick(d, 1, 4, 8, 11, 30, 100, 1000, 20000))
	default:
		return a
	}
}
