// Command simpleserv is the server that simpleclient talks to: it writes back
// whatever it receives, until Ctrl-C.
//
//	go run ./docs/examples/simpleserv
//
// Beside it: doc/core/examples/simpleserv.py, which is echoserv once more on a
// ServerFactory. Notice what a factory is when it is not made of a function: a
// struct with BuildProtocol. Without that method this does not compile.
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

// DataReceived writes data back as soon as it comes.
func (e *Echo) DataReceived(_ reactor.Protocol, data []byte) error {
	e.Transport.Write(data)
	return nil
}

// EchoFactory makes an Echo for every connection.
type EchoFactory struct{ factories.ServerFactory }

// BuildProtocol makes the next connection's Echo.
func (f *EchoFactory) BuildProtocol(reactor.Address) reactor.Protocol { return &Echo{} }

// start listens at an address.
func start(r reactor.TCP, at netip.AddrPort) error {
	_, err := r.ListenTCP(int(at.Port()), &EchoFactory{}, 0, at.Addr().String())
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
