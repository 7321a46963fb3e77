package lineonly

import (
	"math/rand/v2"
	"slices"
	"strings"

	"proxyherd/reactor/internal/oracle/scenario"
)

// Family is the scenarios of LineOnlyReceiver: chunks, limits, and the end of
// the connection in the middle of a chunk. It is not re-entrant, and in
// Twisted what its lineReceived returns is ignored: neither is played.
var Family = scenario.Family{
	Name:     "lineonly",
	Generate: generate,
	Play:     play,
	Differences: []scenario.Difference{{
		Rule: "LO5", Later: true,
		Reason: "later versions call loseConnection where 13.2.0 and ours return an error",
		From:   afterDefault,
	}},
	Statements: []string{"delimiter", "max", "override", "data", "send", "lose", "raise",
		"line: lose", "line: raise", "line: send", "line: delimiter", "line: max", "line: override",
		"exceeded: lose", "exceeded: raise", "exceeded: send", "exceeded: return", "exceeded: max"},
	Events: []string{"line", "exceeded", "returned", "writeSequence", "lose", "raised"},
}

// afterDefault is what follows a LineLengthExceeded that is not overridden.
func afterDefault(_ scenario.Script, ours scenario.Transcript) int {
	i := slices.IndexFunc(ours, func(event string) bool {
		return strings.HasPrefix(event, "exceeded ") && strings.HasSuffix(event, " default")
	})
	if i < 0 {
		return -1
	}
	return i + 1
}

// generate makes a script: settings, what happens in callbacks, then chunks.
func generate(r *rand.Rand) scenario.Script {
	d := &scenario.Draw{Rand: r}
	delimiter := scenario.Pick(d, "\r\n", "\r\n", "\n", "--", "aba")
	if delimiter != "\r\n" {
		d.Say("delimiter %s", scenario.Quote(delimiter))
	}
	if d.Chance(60) {
		d.Say("max %d", scenario.Pick(d, 1, 3, 5, 12))
	}
	if d.Chance(60) {
		d.Say("override")
	}
	for range d.IntN(4) {
		if d.Chance(70) {
			d.Say("in line %d: %s", d.Between(1, 5), action(d, "lose", "raise", "send", "delimiter", "max", "override"))
		} else {
			d.Say("in exceeded %d: %s", d.Between(1, 3), action(d, "lose", "raise", "send", "return", "max"))
		}
	}
	for _, chunk := range d.Chunks(stream(d, delimiter)) {
		d.Say("data %s", scenario.Quote(chunk))
		if d.Chance(10) {
			d.Say("%s", action(d, "lose", "raise", "send", "delimiter", "max"))
		}
	}
	return d.Script
}

func action(d *scenario.Draw, actions ...string) string {
	switch a := scenario.Pick(d, actions...); a {
	case "send":
		return a + " " + scenario.Quote(d.Bytes(d.IntN(5), "ab\r\n"))
	case "delimiter":
		return a + " " + scenario.Quote(scenario.Pick(d, "\n", "\r", "b", "\r\n"))
	case "max":
		return a + " " + scenario.Pick(d, "1", "2", "4", "50")
	default:
		return a
	}
}

func stream(d *scenario.Draw, delimiter string) (data []byte) {
	for range d.IntN(8) {
		data = append(data, d.Bytes(scenario.Pick(d, 0, 1, 2, 3, 4, 5, 6, 11, 12, 13), "ab-\r\n")...)
		if d.Chance(85) {
			data = append(data, delimiter...)
		}
	}
	return data
}
