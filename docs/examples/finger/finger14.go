package main

import (
	"log"
	"os"
	"strings"
	"time"

	"proxyherd/factories"
	"proxyherd/reactor"
	"proxyherd/reactor/deferred"
	"proxyherd/reactor/service"
)

// again is how often the file is read.
const again = 30 * time.Second

// FingerService14 reads the messages from a file while it runs.
type FingerService14 struct {
	service.Base
	clock    reactor.Time
	filename string
	users    map[string]string
	call     reactor.DelayedCall
}

// StartService reads the file for the first time, and returns why it cannot.
func (f *FingerService14) StartService() error {
	if err := f.read(); err != nil {
		return err
	}
	f.Running = true
	f.call = f.clock.CallLater(again, f.readAgain)
	return nil
}

// StopService reads no more.
func (f *FingerService14) StopService() *deferred.Deferred[struct{}] {
	if f.Running {
		_ = f.call.Cancel() // it is pending as long as the service runs
	}
	f.Running = false
	return nil
}

// readAgain is due every so often. A file that cannot be read changes nothing,
// and the next time may go better; in Twisted's listing it ends the reading.
func (f *FingerService14) readAgain() {
	f.call = f.clock.CallLater(again, f.readAgain)
	if err := f.read(); err != nil {
		log.Print(err)
	}
}

// read replaces what is known by what is in the file. It is small enough to be
// read on the loop.
func (f *FingerService14) read() error {
	text, err := os.ReadFile(f.filename)
	if err != nil {
		return err
	}
	f.users = make(map[string]string)
	for line := range strings.Lines(string(text)) {
		if user, message, found := strings.Cut(line, ":"); found {
			f.users[strings.TrimSpace(user)] = strings.TrimSpace(message)
		}
	}
	return nil
}

// GetUser is the user's message.
func (f *FingerService14) GetUser(user string) *deferred.Deferred[string] {
	return deferred.Succeed(message(f.users, user))
}

// GetFingerFactory makes a factory whose protocols ask f.
func (f *FingerService14) GetFingerFactory() reactor.Factory {
	return factories.ForProtocol(func(reactor.Address) reactor.Protocol { return &FingerProtocol08{factory: f} })
}

// finger14 reads the messages from a file, now and then.
func finger14(r reactor.Reactor, s settings) error {
	f := &FingerService14{clock: r, filename: s.users}
	return startApplication(r, tcpServer(r, s.address, f.GetFingerFactory()), f)
}
