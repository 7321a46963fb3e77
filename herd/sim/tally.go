package sim

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"proxyherd/herd"
)

// Tally counts what occurred in fights.
type Tally struct {
	Fights   int            `json:"fights"`
	Probes   int            `json:"updates_followed"` // at peace
	Messages int            `json:"messages"`         // AT lines between servers
	Servers  map[int]int    `json:"servers"`          // fights, by how many servers they had
	Faults   map[string]int `json:"faults"`
	Verbs    map[string]int `json:"verbs"`  // of what clients said
	Closes   map[string]int `json:"closes"` // ends of connections, by the reason that a server gave
	Paths    map[string]int `json:"paths"`  // rare things that the code did
}

func newTally() *Tally {
	return &Tally{Servers: map[int]int{}, Faults: map[string]int{}, Verbs: map[string]int{}, Closes: map[string]int{}, Paths: map[string]int{}}
}

// add takes what another has counted.
func (t *Tally) add(o *Tally) {
	t.Fights += o.Fights
	t.Probes += o.Probes
	t.Messages += o.Messages
	for n, count := range o.Servers {
		t.Servers[n] += count
	}
	for _, pair := range [][2]map[string]int{{t.Faults, o.Faults}, {t.Verbs, o.Verbs}, {t.Closes, o.Closes}, {t.Paths, o.Paths}} {
		for name, count := range pair[1] {
			pair[0][name] += count
		}
	}
}

// closed takes what a server says at its end about the connections it had.
func (t *Tally) closed(st herd.Status) {
	for reason, count := range st.Closed {
		t.Closes[reason] += int(count)
	}
	for _, l := range st.Links {
		for _, loss := range l.Losses {
			t.Closes["lost: "+loss.Reason]++
		}
		if l.Resync.Sent+l.Resync.Received > 0 {
			t.Paths["records exchanged"]++
		}
	}
	if b := st.Backbone; b != nil {
		for path, n := range map[string]int64{"records exchanged": b.Fetched + b.Mended, "messages missed": b.Missed} {
			if n > 0 {
				t.Paths[path]++
			}
		}
	}
	if st.Counters.Full > 0 {
		t.Paths["no room for a new client"]++
	}
	if st.Shared > 0 {
		t.Paths["equal questions asked once"]++
	}
}

// expected is what must have occurred in many fights: otherwise they are not
// what they are meant to be.
var expected = map[string][]string{
	"faults": FaultKinds,
	"verbs":  {"IAMAT", "WHATSAT", "invalid", "overlong", "HTTP"},
	"closes": {
		"connections", "first_byte", "partial_line", "idle", "line_too_long", "http", "server_stopping",
		"duplicate_link", "handshake_timeout", "silent", "stalled", "replaced", "unproved_peers",
		"lost: lost", "lost: server_stopping", "lost: silent", "lost: stalled",
	},
	"paths": {
		"changed clients noted", "everything to be sent", "records exchanged", "no room for a new client",
		"equal questions asked once", "a secret being replaced", "proofs on links",
	},
}

// onABus is the path of a fight in which the servers are joined by a bus.
const onABus = "a bus in place of links"

// expectedOnABus is what must have occurred in many fights on a bus: where there are no
// links, none ends.
var expectedOnABus = map[string][]string{
	"faults": FaultKinds,
	"verbs":  expected["verbs"],
	"closes": {"connections", "first_byte", "partial_line", "idle", "line_too_long", "http", "server_stopping"},
	"paths":  {"records exchanged", "messages missed", "no room for a new client", "equal questions asked once"},
}

// FightsThatShowAll is from how many fights on everything must have occurred.
const FightsThatShowAll = 1000

// Missing lists what never occurred.
func (t *Tally) Missing() (missing []string) {
	expected := expected
	if t.Fights > 0 && t.Paths[onABus] == t.Fights {
		expected = expectedOnABus
	}
	for _, of := range []string{"faults", "verbs", "closes", "paths"} {
		for _, name := range expected[of] {
			if t.counts()[of][name] == 0 {
				missing = append(missing, of+": "+name)
			}
		}
	}
	return missing
}

func (t *Tally) counts() map[string]map[string]int {
	return map[string]map[string]int{"faults": t.Faults, "verbs": t.Verbs, "closes": t.Closes, "paths": t.Paths}
}

// Write writes all counts, for people.
func (t *Tally) Write(out io.Writer) error {
	var text strings.Builder
	fmt.Fprintf(&text, "%d fights, %d messages of updates between servers, %d updates followed at peace\n", t.Fights, t.Messages, t.Probes)
	text.WriteString("servers: ")
	for i, n := range sorted(t.Servers) {
		if i > 0 {
			text.WriteString(", ")
		}
		fmt.Fprintf(&text, "%d in %d", n, t.Servers[n])
	}
	text.WriteString("\n")
	for _, of := range []string{"faults", "verbs", "closes", "paths"} {
		fmt.Fprintf(&text, "%s:\n", of)
		for _, name := range sorted(t.counts()[of]) {
			fmt.Fprintf(&text, "  %-28s %d\n", name, t.counts()[of][name])
		}
	}
	_, err := io.WriteString(out, text.String())
	return err
}

func sorted[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
