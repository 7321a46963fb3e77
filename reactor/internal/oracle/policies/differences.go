package policies

import (
	"strings"

	"proxyherd/reactor/internal/oracle/scenario"
)

// throttledAgain is what follows the second time that a ThrottlingFactory
// builds its first connection.
func throttledAgain(script scenario.Script, ours scenario.Transcript) int {
	if len(script) == 0 || !strings.HasPrefix(script[0], "factory throttle ") {
		return -1
	}
	used := false
	for i, event := range ours {
		w := scenario.Words(strings.Fields(event))
		if w.Word(0) != "building" || w.Word(2) != "0" {
			continue
		}
		if used {
			return i + 1
		}
		used = true
	}
	return -1
}

// afterExpiry is what follows the first connection that a TimeoutProtocol loses
// of itself, which is where no statement asked for it.
func afterExpiry(script scenario.Script, ours scenario.Transcript) int {
	if !wrapsTimeouts(script) {
		return -1
	}
	for i := range ours {
		if unasked(ours, i) {
			return i + 1
		}
	}
	return -1
}

// elided is the first piece that was cut in a traffic log.
func elided(_ scenario.Script, ours scenario.Transcript) int {
	for i, event := range ours {
		if scenario.EventKind(event) == "logged" && strings.Contains(event, `<...\x20elided>"`) {
			return i
		}
	}
	return -1
}

// twoTimers is where the first of two timers goes off in one advance: whether
// they were due at the same time is not in the transcript.
func twoTimers(script scenario.Script, ours scenario.Transcript) int {
	first := -1
	for i, event := range ours {
		isTimer := scenario.EventKind(event) == "timeout"
		if wrapsTimeouts(script) {
			isTimer = unasked(ours, i)
		}
		switch {
		case scenario.EventKind(event) == "now":
			first = -1
		case isTimer && first >= 0:
			return first
		case isTimer:
			first = i
		}
	}
	return -1
}

func wrapsTimeouts(script scenario.Script) bool {
	return len(script) > 0 && strings.HasPrefix(script[0], "factory timeout ")
}

// unasked reports that the i-th event is a LoseConnection that no statement has
// asked for.
func unasked(ours scenario.Transcript, i int) bool {
	return scenario.EventKind(ours[i]) == "lose" && (i == 0 || scenario.EventKind(ours[i-1]) != "losing")
}
