package reactortest

import (
	"testing"
	"time"

	"proxyherd/reactor"
)

// Harness is what TestReactor needs of a reactor under test.
type Harness struct {
	// New makes a reactor that was never run and that logs to log. The suite
	// runs it on the test's goroutine, and has it stopped or crashed in the end.
	New func(log reactor.Logger) reactor.Reactor

	// Host is an IPv4 literal on which the reactor can listen, and to which it
	// can connect.
	Host string

	// Silent is an address that neither grants nor refuses a connection.
	Silent reactor.IPv4Address

	// Absorbs is how many bytes the system takes, at most, from a writer whose
	// peer does not read; default 32 MiB, which is more than Linux does.
	Absorbs int

	// Limit bounds each run, in real time; default 20 seconds. A run that takes
	// longer is crashed and its test fails.
	Limit time.Duration
}

// A rule is one thing that every reactor does.
type rule struct {
	name string
	test func(*stage)
}

// TestReactor is the suite that every reactor passes:
// twisted/internet/test/reactormixins.py ReactorBuilder and the tests on it.
// build is called for each subtest. The rules are those of Twisted 13.2.0, save
// where docs/twisted.md says that a reactor of this project differs.
func TestReactor(t *testing.T, build func(t *testing.T) Harness) {
	for _, group := range []struct {
		name  string
		rules []rule
	}{
		{"connect", connectRules},
		{"fail", failRules},
		{"listen", listenRules},
		{"close", closeRules},
		{"half-close", halfCloseRules},
		{"flow", flowRules},
		{"produce", produceRules},
		{"write", writeRules},
		{"abort", abortRules},
		{"read", readRules},
		{"port", portRules},
		{"time", timeRules},
		{"threads", threadRules},
		{"life", lifeRules},
		{"events", eventRules},
		{"stop", stopRules},
		{"turn", turnRules},
		{"consumer", consumerRules},
	} {
		t.Run(group.name, func(t *testing.T) {
			for _, rule := range group.rules {
				t.Run(rule.name, func(t *testing.T) { rule.test(newStage(t, build(t))) })
			}
		})
	}
}
