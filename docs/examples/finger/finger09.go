package main

import (
	"os/exec"
	"slices"

	"proxyherd/factories"
	"proxyherd/reactor"
	"proxyherd/reactor/deferred"
	"proxyherd/reactor/threads"
)

// FingerFactory09 asks the system's finger.
type FingerFactory09 struct {
	factories.ServerFactory
	reactor reactor.Threads
	program []string
}

// BuildProtocol makes step 8's protocol, which asks this factory.
func (f *FingerFactory09) BuildProtocol(reactor.Address) reactor.Protocol {
	return &FingerProtocol08{factory: f}
}

// GetUser is what the program prints about a user. Twisted's reactor watches
// processes, utils.getProcessOutput; here a worker waits for this one. There is
// no shell in between.
func (f *FingerFactory09) GetUser(user string) *deferred.Deferred[string] {
	args := append(slices.Clone(f.program[1:]), user)
	return threads.DeferToThread(f.reactor, func() (string, error) {
		out, err := exec.Command(f.program[0], args...).Output()
		return string(out), err
	})
}

// finger09 answers with the output of a program.
func finger09(r reactor.Reactor, s settings) error {
	return listen(r, s.address, &FingerFactory09{reactor: r, program: s.program})
}
