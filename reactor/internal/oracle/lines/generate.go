package lines

import (
	"fmt"
	"math/rand/v2"

	"proxyherd/reactor/internal/oracle/scenario"
)

// alphabet makes delimiters, parts of them, and text from few letters, so that
// near misses are frequent.
const alphabet = "ab-\r\n\r\n"

// actions are what a callback or the outside may do, in the order of how often.
var actions = []string{"pause", "resume", "rawMode", "lineMode", "clear", "data", "send", "lose", "max", "delimiter", "raise", "stop"}

// generate makes a script: a receiver's settings, what happens in its
// callbacks, then a stream in chunks with other things between them.
func generate(r *rand.Rand) scenario.Script {
	d := &scenario.Draw{Rand: r}
	delimiter := scenario.Pick(d, "\r\n", "\r\n", "\n", "--", "\r\n\r\n", "a", "-a-")
	longest := scenario.Pick(d, 16384, 16384, 3, 5, 12)
	if len(delimiter) > 1 && d.Chance(60) {
		longest = 16384 // later Twisteds differ in most scripts with both
	}
	if delimiter != "\r\n" {
		d.Say("delimiter %s", scenario.Quote(delimiter))
	}
	if longest != 16384 {
		d.Say("max %d", longest)
	}
	if d.Chance(40) {
		d.Say("override")
	}
	if d.Chance(15) {
		d.Say("rawMode")
	}
	for range d.IntN(6) {
		inside(d, delimiter)
	}
	for _, chunk := range d.Chunks(stream(d, delimiter)) {
		d.Say("data %s", scenario.Quote(chunk))
		if d.Chance(12) {
			act(d, "", scenario.Pick(d, actions...), delimiter)
		}
	}
	if d.Chance(60) {
		d.Say("resume")
	}
	if d.Chance(50) {
		d.Say("data %s", scenario.Quote(delimiter))
	}
	return d.Script
}

// inside has something happen in a callback.
func inside(d *scenario.Draw, delimiter string) {
	in := scenario.Pick(d, "in line %d: ", "in line %d: ", "in line %d: ", "in raw %d: ", "in exceeded %d: ")
	first := 6
	if in == "in exceeded %d: " {
		first = 2
	}
	n := d.Between(1, first)
	in = fmt.Sprintf(in, n)
	action := scenario.Pick(d, append(actions, "return", "override")...)
	act(d, in, action, delimiter)
	switch { // what undoes it, in the same callback
	case action == "pause" && d.Chance(40):
		act(d, in, "resume", delimiter)
	case action == "rawMode" && d.Chance(50):
		act(d, fmt.Sprintf("in raw %d: ", d.Between(1, 2)), "lineMode", delimiter)
	}
}

// act says one action with what belongs to it.
func act(d *scenario.Draw, in, action, delimiter string) {
	switch action {
	case "lineMode":
		d.Say("%s%s %s", in, action, scenario.Quote(scenario.Pick(d, "", "a", "b"+delimiter, "a"+delimiter+"b"+delimiter+"a", delimiter)))
	case "data", "send":
		d.Say("%s%s %s", in, action, scenario.Quote(stream(d, delimiter)))
	case "max":
		d.Say("%s%s %d", in, action, scenario.Pick(d, 1, 2, 4, 9, 50))
	case "delimiter":
		d.Say("%s%s %s", in, action, scenario.Quote(scenario.Pick(d, "\n", "\r", "b", "ab", "\r\n")))
	default:
		d.Say("%s%s", in, action)
	}
}

// stream is bytes with lines in them, short ones for the most part.
func stream(d *scenario.Draw, delimiter string) []byte {
	var data []byte
	for range d.IntN(8) {
		data = append(data, d.Bytes(scenario.Pick(d, 0, 1, 2, 3, 4, 5, 6, 7, 11, 12, 13, 14, 20), alphabet)...)
		if d.Chance(85) {
			data = append(data, delimiter...)
		}
	}
	return data
}
