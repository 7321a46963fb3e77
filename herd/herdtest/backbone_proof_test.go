package herdtest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"proxyherd/herd"
)

// A second server of a name is noticed by the first, and the other way round.
func TestTwoServersOfOneNameOnABackbone(t *testing.T) {
	joined(t, nil, func(t *testing.T, h Twin) {
		config := *h.Settings()
		config.Servers = slices.Clone(config.Servers)
		for i := range config.Servers {
			if s := &config.Servers[i]; s.Name == "Hill" {
				s.Clients, s.Peers = "127.0.0.1:13000", "127.0.0.1:13100"
			}
		}
		h.Advance(10 * time.Second)
		second := h.Another("Hill", config, secrets(Secret))
		h.Advance(10 * time.Second)
		if one, two := bus(h, "Hill"), second().Backbone; one.Twins == 0 || two.Twins == 0 {
			t.Errorf("the two say %+v and %+v", one, two)
		}
	})
}

// Who has not the secret can neither say nor change anything.
func TestAStrangerOnTheBusIsNotHeeded(t *testing.T) {
	joined(t, nil, func(t *testing.T, h Twin) {
		impostor := h.Another("Eve", withEve(*h.Settings()), secrets("another secret, long enough too"))
		h.Advance(10 * time.Second)
		say(t, h, "Hill", report(h, "a"))
		settle(h)
		if st := impostor(); st.Records != 0 || len(st.Backbone.Peers) != 0 || st.Backbone.Refused == 0 {
			t.Errorf("the stranger has %d records, and says %+v", st.Records, st.Backbone)
		}
		for _, name := range h.Running() {
			if st := bus(h, name); len(st.Peers) != 4 || st.Refused == 0 {
				t.Errorf("%s says %+v", name, st)
			}
		}
	})
}

// withEve adds a server.
func withEve(c herd.Config) herd.Config {
	c.Servers = append(slices.Clone(c.Servers), herd.Server{Name: "Eve", Clients: "127.0.0.1:13000"})
	return c
}

// A secret is replaced without losing anybody.
func TestASecretIsReplacedOnABackbone(t *testing.T) {
	joined(t, nil, func(t *testing.T, h Twin) {
		const next = "the next secret of the tests, as long"
		for step, keys := range [][]string{{Secret, next}, {next, Secret}, {next}} {
			for i, name := range h.Running() {
				if err := h.SetKeys(name, secrets(keys...)); err != nil {
					t.Fatal(err)
				}
				h.Advance(herd.BeatEvery)
				say(t, h, name, report(h, fmt.Sprintf("c%d-%d", step, i)))
			}
		}
		settle(h)
		mends(t, h, 15)
		for _, name := range h.Running() {
			if st := bus(h, name); len(st.Peers) != 4 || st.Refused != 0 {
				t.Errorf("%s says %+v", name, st)
			}
		}
	})
}
