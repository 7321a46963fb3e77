package main

import (
	"syscall"
	"testing"
	"time"

	"proxyherd/herd"
)

// A server is stopped while clients report to it as fast as it answers: whatever
// they have read an answer to, and is the newest of its client, all others have.
func TestAServerStoppedUnderLoadLosesNothingAcknowledged(t *testing.T) {
	inDesigns(t, forms([]string{"reactor"}, []string{"reactor", "goroutine"}), stopUnderLoad)
}

func stopUnderLoad(t *testing.T, build func(*herd.Config)) {
	rounds, reports := forms(1, 10), forms(2_000, 50_000)
	h := theHerd(t, build)
	for _, name := range []string{"Hill", "Farmar"} { // with one neighbour, and with two
		list := reporters(t, h.config, name, 4, 50)
		var others []string
		for _, s := range h.config.Servers {
			if s.Name != name {
				others = append(others, s.Name)
			}
		}
		for round := range rounds {
			before := answered(list)
			l := inParallel(t, list, (*reporter).talk)
			until(t, "clients have reported for a while", func() bool { return answered(list)-before >= reports })
			h.running[name].signal(t, syscall.SIGTERM)
			asked := time.Now()
			h.running[name].ends(t, 0)
			took := time.Since(asked)
			l.ends(t)
			// Nothing waits for the upstream: what is left is the flush, and the log.
			if took > stopMost {
				t.Errorf("%s took %v to end, want at most %v", name, took, stopMost)
			}
			checkHeld(t, h.config, list, others...)
			t.Logf("%s, round %d: %d reports acknowledged, ended within %v", name, round, answered(list)-before, took)
			h.serveAgain(t, name)
			untilInSync(t, h.config)
		}
		checkHeld(t, h.config, list, name) // it was told of its own past
	}
	untilAgreed(t, h.config)
	h.stop(t)
}

// stopMost is how long a server may take to end that waits for no upstream: 2 s
// for its links, 5 s for its log, and what a busy machine adds.
const stopMost = 10 * time.Second

// checkHeld waits until the servers have everything that was acknowledged: what
// was handed to the system has to arrive.
func checkHeld(t *testing.T, config herd.Config, list []*reporter, servers ...string) {
	t.Helper()
	var lost []loss
	checked := 0
	held := soon(func() bool {
		lost, checked = losses(t, config, list, servers...)
		return len(lost) == 0
	})
	if !held {
		t.Errorf("%d of %d are lost, the first: %v", len(lost), checked, lost[0])
	}
	if want := len(servers) * len(list) * list[0].clients; checked != want {
		t.Errorf("%d records were looked at, want %d", checked, want)
	}
}

// The second of two SIGTERMs does not wait for what the first does.
func TestASecondSIGTERMUnderLoadEndsAServerAtOnce(t *testing.T) {
	url, asked, _ := upstreamThatWaits(t)
	h := theHerd(t, func(c *herd.Config) {
		c.Upstream.URL = url
		c.Upstream.Timeout = herd.Duration(10 * time.Minute) // more than the test has
	})
	report(t, h.config, "Hill", "waiter")
	write(t, dial(t, h.config, "Hill"), "WHATSAT waiter 10 2\n")
	wasAsked(t, asked)
	list := reporters(t, h.config, "Hill", 4, 50)
	l := inParallel(t, list, (*reporter).talk)
	until(t, "clients have reported", func() bool { return answered(list) >= 1000 })
	hill := h.running["Hill"]
	hill.signal(t, syscall.SIGTERM)
	hill.await(t, "server stopping")
	hill.signal(t, syscall.SIGTERM)
	hill.await(t, "a second signal: ended at once")
	hill.ends(t, 1)
	l.ends(t)
}
