package policies

import (
	"fmt"
	"math/rand/v2"

	"proxyherd/reactor/internal/oracle/scenario"
)

// Family is the scenarios of WrappingFactory, ThrottlingFactory,
// TimeoutFactory, LimitTotalConnectionsFactory and TrafficLoggingFactory, with
// TimeoutMixin inside. Not played: a factory inside that refuses (WF2);
// LimitConnectionsByPeer, which never worked (PL1); a pause of the transport by
// the protocol while a ThrottlingFactory may pause it, since the events of the
// two look the same.
var Family = scenario.Family{
	Name:     "policies",
	Generate: generate,
	Play:     play,
	Differences: []scenario.Difference{{
		Rule:   "TH5",
		Reason: "when a ThrottlingFactory is used again after its last connection, Twisted's still counts that one's last bytes, and may cancel a timer twice",
		From:   throttledAgain,
	}, {
		Rule:   "TH3",
		Reason: "of two pauses for too many bytes that overlap, Twisted lets the first one's end end both; ours the second's",
		From:   scenario.First("overload"),
	}, {
		Rule:   "TO2",
		Reason: "when its time is up, a TimeoutProtocol of Twisted's raises AlreadyCalled for everything written or received later",
		From:   afterExpiry,
	}, {
		Rule: "TO2", Later: true,
		Reason: "in later versions setTimeout(None) and cancelTimeout forget the period",
		From:   scenario.First("kept"),
	}, {
		Rule: "TL1", Later: true,
		Reason: "later versions, on Python 3, raise a TypeError where a logged piece is to be cut",
		From:   elided,
	}, {
		Rule:   "CK3",
		Reason: "of timers due at the same time, one that was reset comes where the Clock's sort left it; in ours in the order in which they were set",
		From:   twoTimers,
	}},
	Statements: []string{"factory", "build", "data", "write", "writeSequence", "lose", "abort", "pauseTransport", "disconnecting", "lost", "done",
		"register", "unregister", "setTimeout", "cancelTimeout", "resetTimeout", "advance", "count", "start", "stop", "connecting", "failed", "ended",
		"made: write", "made: lose", "made: register", "made: setTimeout", "made: raise", "made: build",
		"received: write", "received: lose", "received: register", "received: setTimeout", "received: raise", "received: build",
		"lost: write", "lost: lose", "lost: register", "lost: setTimeout", "lost: raise", "lost: build",
		"timeout: write", "timeout: lose", "timeout: register", "timeout: setTimeout", "timeout: raise", "timeout: build"},
	Events: []string{"building", "refused", "made", "received", "lost", "timeout", "losing", "lose", "abort", "pause", "resume", "disconnecting",
		"write", "writeSequence", "producer", "previous", "kept", "counted", "factory", "opened", "logged", "overload", "raised", "now"},
}

// generate makes a script: a factory, what happens in callbacks, then
// connections and what becomes of them.
func generate(r *rand.Rand) scenario.Script {
	d := &scenario.Draw{Rand: r}
	d.Say("factory %s", factory(d))
	for range d.IntN(4) {
		d.Say("in %s %d: %s", scenario.Pick(d, "made", "received", "lost", "timeout"), d.Between(1, 3), inside(d))
	}
	d.Say("build a")
	if d.Chance(50) {
		d.Say("register a")
	}
	for range d.Between(5, 30) {
		d.Say("%s", action(d))
	}
	d.Say("count")
	d.Say("advance 40")
	return d.Script
}

func factory(d *scenario.Draw) string {
	switch kind := scenario.Pick(d, "plain", "throttle", "throttle", "timeout", "limit", "traffic"); kind {
	case "throttle":
		return fmt.Sprint(kind, " ", d.IntN(4), " ", scenario.Pick(d, 0, 4, 8, 16), " ", scenario.Pick(d, 0, 4, 8, 16))
	case "timeout":
		return fmt.Sprint(kind, " ", scenario.Pick(d, 0, 4, 10, 30))
	case "limit":
		return fmt.Sprint(kind, " ", d.IntN(4), " ", d.IntN(2))
	case "traffic":
		return fmt.Sprint(kind, " ", scenario.Pick(d, 0, 0, 0, 14))
	default:
		return kind
	}
}

func name(d *scenario.Draw) string { return scenario.Pick(d, "a", "a", "b", "c", "e") }

// inside is what a callback may do.
func inside(d *scenario.Draw) string {
	switch a := scenario.Pick(d, "write", "lose", "register", "setTimeout", "raise", "build"); a {
	case "write":
		return fmt.Sprint(a, " ", name(d), " ", scenario.Quote(d.Bytes(d.IntN(4), "ab\n")))
	case "setTimeout":
		return fmt.Sprint(a, " ", name(d), " ", d.Between(1, 20))
	case "raise":
		return a
	default:
		return a + " " + name(d)
	}
}

func action(d *scenario.Draw) string {
	a := scenario.Pick(d, "build", "build", "data", "data", "data", "write", "write", "writeSequence", "lose", "abort", "pauseTransport",
		"disconnecting", "lost", "done", "register", "register", "unregister", "setTimeout", "setTimeout", "cancelTimeout", "resetTimeout",
		"advance", "advance", "advance", "advance", "count", "start", "stop", "connecting", "failed", "ended")
	switch a {
	case "data", "write":
		return fmt.Sprint(a, " ", name(d), " ", scenario.Quote(d.Bytes(d.Between(1, scenario.Pick(d, 3, 3, 9, 20)), "ab\n\x00")))
	case "writeSequence":
		return fmt.Sprint(a, " ", name(d), " ", scenario.Quote(d.Bytes(d.IntN(4), "ab")), " ", scenario.Quote(d.Bytes(d.IntN(4), "ab")))
	case "setTimeout":
		return fmt.Sprint(a, " ", name(d), " ", scenario.Pick(d, 0, 2, 5, 12, 30, 30))
	case "advance":
		return fmt.Sprint(a, " ", scenario.Pick(d, 1, 2, 3, 4, 4, 5, 9))
	case "count", "start", "stop", "connecting", "failed", "ended":
		return a
	default:
		return a + " " + name(d)
	}
}
