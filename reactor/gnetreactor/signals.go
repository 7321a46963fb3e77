//go:build linux

package gnetreactor

import (
	"os"
	"os/signal"

	"golang.org/x/sys/unix"
)

// watchSignals stops the reactor on SIGINT and SIGTERM, as
// twisted/internet/base.py:1139 _handleSignals does, and returns what ends the
// watching. A SIGINT that the program ignores, as one does that a shell has
// started in the background, stays ignored.
func (r *Reactor) watchSignals() (stop func()) {
	if r.config.NoSignalHandlers {
		return func() {}
	}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, unix.SIGTERM)
	if !signal.Ignored(unix.SIGINT) {
		signal.Notify(signals, unix.SIGINT)
	}
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case sig := <-signals:
				r.CallFromThread(func() {
					r.log.Msg("reactor", "Received "+unix.SignalName(sig.(unix.Signal))+", shutting down.")
					_ = r.Stop() // a second signal finds it stopping: nothing to add
				})
			case <-done:
				return
			}
		}
	}()
	return func() {
		signal.Stop(signals)
		close(done)
		<-ended
	}
}
