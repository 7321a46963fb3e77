// Command finger is the server of Twisted's tutorial, "The Evolution of Finger",
// step by step: each step runs by itself, on port 1079, until Ctrl-C.
//
//	go run ./docs/examples/finger -step 8
//	printf 'alice\r\n' | nc 127.0.0.1 1079
//
// Beside it: doc/core/howto/tutorial/listings/finger/finger01.py to finger14.tac.
// Notice that a step's file has what the step changes, and takes the rest from
// the steps before it: finger08.go has the protocol that everything after it
// uses, as the tutorial promises. The tutorial's later steps need parts of
// Twisted that this project has not: a web server (15, 18, 20), IRC (16), XML-RPC
// (17), zope's interfaces and adapters (19), Perspective Broker (21), SSL (22).
package main

import (
	"errors"
	"flag"
	"fmt"
	"log"
	"net/netip"

	"proxyherd/reactor"
	"proxyherd/reactor/gnetreactor"
)

// settings are what the command line says. Each step takes what it needs.
type settings struct {
	address netip.AddrPort // of the finger server
	setter  netip.AddrPort // of the server that takes messages: steps 12 and 13
	program []string       // is run with a user's name as its last argument: step 9
	prefix  string         // a user's page is here: step 10
	users   string         // the name of a file: step 14
}

// steps are the programs, from step 1 on. Each sets up the reactor that is going
// to run.
var steps = []func(r reactor.Reactor, s settings) error{
	finger01, finger02, finger03, finger04, finger05, finger06, finger07,
	finger08, finger09, finger10, finger11, finger12, finger13, finger14,
}

// listen is listenTCP with an address.
func listen(r reactor.TCP, at netip.AddrPort, factory reactor.Factory) error {
	_, err := r.ListenTCP(int(at.Port()), factory, 0, at.Addr().String())
	return err
}

// message is the user's, or says that there is no such user.
func message(users map[string]string, user string) string {
	if message, ok := users[user]; ok {
		return message
	}
	return "No such user"
}

func main() {
	s := settings{
		address: netip.MustParseAddrPort("127.0.0.1:1079"),
		setter:  netip.MustParseAddrPort("127.0.0.1:1080"),
		program: []string{"finger", "--"}, // no name is an option
	}
	step := flag.Int("step", len(steps), "run this `step` of the tutorial")
	flag.TextVar(&s.address, "address", s.address, "listen at this `address`")
	flag.TextVar(&s.setter, "setter", s.setter, "take messages at this `address` (steps 12 and 13)")
	flag.StringVar(&s.prefix, "prefix", "http://127.0.0.1:8000/~", "a user's page is at this `URL` and the name (step 10)")
	flag.StringVar(&s.users, "users", "docs/examples/finger/users", "the `file` with lines of the form user: message (step 14)")
	flag.Parse()
	if err := run(gnetreactor.New(gnetreactor.Config{}), *step, s); err != nil {
		log.Fatal(err)
	}
}

var errNoStep = errors.New("there is no such step: they are counted from 1")

// run runs one step until the reactor is stopped.
func run(r reactor.Reactor, step int, s settings) error {
	if step < 1 || step > len(steps) {
		return fmt.Errorf("%w: %d, of %d", errNoStep, step, len(steps))
	}
	if err := steps[step-1](r, s); err != nil {
		return err
	}
	return r.Run()
}
