// Command echoserv writes back whatever it receives, until Ctrl-C.
//
//	go run ./docs/examples/echoserv
//
// Beside it: doc/core/examples/echoserv.py. Notice that the protocol is a struct
// that embeds its base, that a factory is made of a function where Twisted sets
// its attribute protocol, and that the reactor is a value: nothing is global.
package main

import (
	"flag"
	"log"
	"net/netip"

	"proxyherd/factories"
	"proxyherd/protocols"
	"proxyherd/reactor"
	"proxyherd/reactor/gnetreactor"
)

// Echo is about the simplest protocol that does anything.
type Echo struct{ protocols.Protocol }

// DataReceived writes data back. data is the reactor's own buffer, but Write
// copies it.
func (e *Echo) DataReceived(_ reactor.Protocol, data []byte) error {
	e.Transport.Write(data)
	return nil
}

// start listens at an address.
func start(r reactor.TCP, at netip.AddrPort) error {
	f := factories.ForProtocol(func(reactor.Address) reactor.Protocol { return &Echo{} })
	_, err := r.ListenTCP(int(at.Port()), f, 0, at.Addr().String())
	return err
}

func main() {
	at := netip.MustParseAddrPort("127.0.0.1:8000")
	flag.TextVar(&at, "address", at, "listen at this `address`")
	flag.Parse()
	loop := gnetreactor.New(gnetreactor.Config{})
	if err := start(loop, at); err != nil {
		log.Fatal(err)
	}
	if err := loop.Run(); err != nil {
		log.Fatal(err)
	}
}
