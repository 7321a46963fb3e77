package reactortest

import (
	"testing"
	"time"

	"go.uber.org/goleak"

	"proxyherd/reactor"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// onNetwork is a harness for a reactor of a network like options.
func onNetwork(options Options) func(t *testing.T) Harness {
	return func(t *testing.T) Harness {
		// Somebody who listens, but is cut off.
		silent := reactor.IPv4Address{Host: "127.0.0.2", Port: 7}
		return Harness{
			New: func(log reactor.Logger) reactor.Reactor {
				options := options
				options.Log = log
				n := NewNetwork(options)
				if _, err := n.Reactor("silent").ListenTCP(silent.Port, casting(&actor{}), 0, silent.Host); err != nil {
					t.Fatal(err)
				}
				n.Cut("silent", "tested")
				return n.Reactor("tested")
			},
			Host:    "127.0.0.1",
			Silent:  silent,
			Absorbs: max(options.Window, defaultWindow),
		}
	}
}

// TestReactorOfANetwork runs the suite in virtual time, on several kinds of
// links.
func TestReactorOfANetwork(t *testing.T) {
	for _, network := range []struct {
		name    string
		options Options
	}{
		{"at once", Options{}},
		{"late", Options{Link: Link{Latency: 300 * time.Microsecond}}},
		{"slow", Options{Link: Link{Latency: time.Millisecond, BytesPerSecond: 100 << 20}}},
		{"wide", Options{Window: 1 << 20}},
	} {
		t.Run(network.name, func(t *testing.T) { TestReactor(t, onNetwork(network.options)) })
	}
}
