package main

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"proxyherd/herd/wirelog"
)

// stoppable is the part of a reactor that a signal needs.
type stoppable interface {
	calling
	Stop() error
}

// watchSignals makes SIGTERM, SIGINT and the parent's end stop the loop, and
// SIGHUP open the log anew and then call again, for the rest of the process's
// life. A second signal to stop ends the process at once, whatever it is at by
// then.
func watchSignals(loop stoppable, log *wirelog.Log, gone <-chan struct{}, again func()) {
	signals := make(chan os.Signal, 4) // some of each kind, while one is worked off
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	stop := func() {
		// The one error is that it is stopping, which is what was wanted.
		loop.CallFromThread(func() { _ = loop.Stop() })
	}
	go func() {
		for stopping := false; ; {
			select {
			case sig := <-signals:
				switch {
				case sig == syscall.SIGHUP:
					log.Reopen()
					again()
				case stopping:
					endAtOnce()
				default:
					stopping = true
					stop()
				}
			case <-gone:
				gone = nil // a closed channel would be chosen for ever
				stop()
			}
		}
	}()
}

// endAtOnce is what a second signal asks for.
func endAtOnce() {
	fmt.Fprintln(os.Stderr, "herd: a second signal: ended at once")
	os.Exit(exitFailed)
}
