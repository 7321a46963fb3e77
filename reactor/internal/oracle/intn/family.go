package intn

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"

	"proxyherd/reactor/internal/oracle/scenario"
)

// Family is the scenarios of Int8-, Int16- and Int32StringReceiver: chunks,
// limits and pauses. Not played: DataReceived and ResumeProducing within
// StringReceived, which Twisted parses over again (IN5), and an error from it,
// which Twisted does not know.
var Family = scenario.Family{
	Name:     "intn",
	Generate: generate,
	Play:     play,
	Differences: []scenario.Difference{{
		Rule:   "IN4",
		Reason: "after a refused prefix Twisted delivers the chunk's strings again with the next chunk",
		From:   afterRefusal,
	}, {
		Rule:   "IN4",
		Reason: "after an exception, too, Twisted delivers the chunk's strings again",
		From:   afterRaise,
	}},
	Statements: []string{"prefix", "max", "override", "data", "send", "sendMany", "pause", "resume", "stop", "lose", "raise",
		"string: max", "string: override", "string: send", "string: sendMany", "string: pause", "string: stop", "string: lose", "string: raise",
		"exceeded: max", "exceeded: override", "exceeded: send", "exceeded: sendMany", "exceeded: pause", "exceeded: stop", "exceeded: lose", "exceeded: raise"},
	Events: []string{"string", "exceeded", "returned", "write", "refused", "pause", "resume", "resumed", "stop", "lose", "raised"},
}

// afterRefusal is what follows the call in which strings were delivered and
// then a prefix refused.
func afterRefusal(_ scenario.Script, ours scenario.Transcript) int {
	delivered := false
	for i, event := range ours {
		switch kind := scenario.EventKind(event); {
		case kind == "string":
			delivered = true
		case kind == "exceeded" && delivered:
			return after(ours, i, "returned", "raised", "resumed")
		case kind == "returned" || kind == "resumed":
			delivered = false
		}
	}
	return -1
}

// afterRaise is what follows the first exception out of a callback.
func afterRaise(_ scenario.Script, ours scenario.Transcript) int {
	return after(ours, 0, "raised")
}

// after is what follows the first event of one of the kinds, from the i-th on.
func after(ours scenario.Transcript, i int, kinds ...string) int {
	for ; i < len(ours); i++ {
		if slices.Contains(kinds, scenario.EventKind(ours[i])) {
			return i + 1
		}
	}
	return -1
}

// generate makes a script: settings, what happens in callbacks, then chunks.
func generate(r *rand.Rand) scenario.Script {
	d := &scenario.Draw{Rand: r}
	bits := scenario.Pick(d, 8, 16, 32)
	d.Say("prefix %d", bits)
	if d.Chance(50) {
		d.Say("max %s", limit(d))
	}
	if d.Chance(40) {
		d.Say("override")
	}
	for range d.IntN(4) {
		if d.Chance(75) {
			d.Say("in string %d: %s", d.Between(1, 5), action(d))
		} else {
			d.Say("in exceeded %d: %s", d.Between(1, 2), action(d))
		}
	}
	for _, chunk := range d.Chunks(stream(d, bits)) {
		d.Say("data %s", scenario.Quote(chunk))
		if d.Chance(10) {
			d.Say("%s", scenario.Pick(d, action(d), "resume"))
		}
	}
	if d.Chance(60) {
		d.Say("resume")
	}
	return d.Script
}

func limit(d *scenario.Draw) string { return scenario.Pick(d, "1", "3", "5", "12", "255", "256") }

func action(d *scenario.Draw) string {
	switch a := scenario.Pick(d, "max", "override", "send", "sendMany", "pause", "pause", "stop", "lose", "raise"); a {
	case "max":
		return a + " " + limit(d)
	case "send":
		return a + " " + scenario.Quote(d.Bytes(d.IntN(6), "ab\x00\xff"))
	case "sendMany":
		return a + " " + scenario.Pick(d, "255", "256", "300", "65536", "65537")
	default:
		return a
	}
}

// stream is strings with their prefixes, and seldom a prefix of something else.
func stream(d *scenario.Draw, bits int) (data []byte) {
	for range d.Between(1, 7) {
		s := d.Bytes(scenario.Pick(d, 0, 1, 2, 3, 4, 5, 6, 11, 12, 13), "ab\x00\x01\xff")
		length := uint32(len(s))
		if d.Chance(6) {
			length = scenario.Pick[uint32](d, 14, 200, 255, 256, 99999, 100000, 1<<31, 1<<32-1)
		}
		prefix := binary.BigEndian.AppendUint32(nil, length)
		data = append(append(data, prefix[4-bits/8:]...), s...)
	}
	return data
}
