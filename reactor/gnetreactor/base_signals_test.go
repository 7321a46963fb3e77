//go:build linux

package gnetreactor

import (
	"os"
	"os/signal"
	"slices"
	"testing"

	"golang.org/x/sys/unix"

	"proxyherd/reactor"
	"proxyherd/reactor/deferred"
)

// newListeningReactor is a reactor that takes signals.
func newListeningReactor(t *testing.T) (*Reactor, *testLog) {
	log := &testLog{t: t}
	return New(Config{Log: log}), log
}

// onStartup runs f in a phase of the startup.
func onStartup(t *testing.T, r *Reactor, phase reactor.Phase, f func()) {
	t.Helper()
	if _, err := r.AddSystemEventTrigger(phase, "startup", func() *deferred.Deferred[struct{}] { f(); return nil }); err != nil {
		t.Fatal(err)
	}
}

func TestSignals(t *testing.T) { // RS2
	t.Run("are taken from the startup's during on", func(t *testing.T) {
		// What the program ignores is ignored no more once a signal is taken.
		signal.Ignore(unix.SIGTERM)
		defer signal.Reset(unix.SIGTERM)
		r, _ := newListeningReactor(t)
		checked := 0
		for phase, taken := range map[reactor.Phase]bool{reactor.Before: false, reactor.During: true, reactor.After: true} {
			onStartup(t, r, phase, func() {
				if signal.Ignored(unix.SIGTERM) == taken {
					t.Errorf("%v the startup SIGTERM is taken: %t, want %t", phase, !taken, taken)
				}
				checked++
			})
		}
		r.CallWhenRunning(func() { stop(r) })
		run(t, r)
		if checked != 3 {
			t.Errorf("%d of 3 phases were looked at", checked)
		}
	})
	for name, sig := range map[string]unix.Signal{"SIGTERM": unix.SIGTERM, "SIGINT": unix.SIGINT} {
		t.Run(name+" stops the reactor, which says so", func(t *testing.T) {
			// Whoever runs this may ignore SIGINT: from here on it is not.
			own := make(chan os.Signal, 1)
			signal.Notify(own, sig)
			defer signal.Stop(own)
			r, log := newListeningReactor(t)
			shutdowns := 0
			if _, err := r.AddSystemEventTrigger(reactor.After, "shutdown", func() *deferred.Deferred[struct{}] { shutdowns++; return nil }); err != nil {
				t.Fatal(err)
			}
			r.CallWhenRunning(func() { send(t, sig) })
			run(t, r)
			if !slices.Contains(log.texts, "Received "+name+", shutting down.") || shutdowns != 1 {
				t.Errorf("it logged %q and shut down %d times", log.texts, shutdowns)
			}
		})
	}
	t.Run("a SIGINT that is ignored stays ignored, SIGTERM does not", func(t *testing.T) {
		signal.Ignore(unix.SIGINT, unix.SIGTERM)
		defer signal.Reset(unix.SIGINT, unix.SIGTERM)
		r, log := newListeningReactor(t)
		r.CallWhenRunning(func() {
			if !signal.Ignored(unix.SIGINT) || signal.Ignored(unix.SIGTERM) {
				t.Errorf("ignored: SIGINT %t, SIGTERM %t", signal.Ignored(unix.SIGINT), signal.Ignored(unix.SIGTERM))
			}
			send(t, unix.SIGINT)
			send(t, unix.SIGTERM)
		})
		run(t, r)
		if slices.Contains(log.texts, "Received SIGINT, shutting down.") {
			t.Error("it took SIGINT")
		}
	})
	t.Run("are left to the program if it wants them", func(t *testing.T) {
		signal.Ignore(unix.SIGINT, unix.SIGTERM)
		defer signal.Reset(unix.SIGINT, unix.SIGTERM)
		r, _ := newTestReactor(t, Config{})
		r.CallWhenRunning(func() {
			if !signal.Ignored(unix.SIGINT) || !signal.Ignored(unix.SIGTERM) {
				t.Error("the reactor took them")
			}
			stop(r)
		})
		run(t, r)
	})
}

// send sends this process a signal.
func send(t *testing.T, sig unix.Signal) {
	t.Helper()
	if err := unix.Kill(unix.Getpid(), sig); err != nil {
		t.Error(err)
	}
}
