// Command shaper serves characters without end, slowly: at most 20 kB/s to all,
// and to each host 1 kB/s after the first 10 kB.
//
//	go run ./docs/examples/shaper
//	nc 127.0.0.1 8000 | pv >/dev/null
//
// Beside it: doc/core/examples/shaper.py, with its servertype "chargen" (there is
// no web server here), and twisted/protocols/htb.py, which this project has not:
// bucket.go and shaped.go are that. Notice that a policy is a factory around a
// factory, and that neither Chargen nor its factory knows of it. Where Twisted's
// offers a full bucket a few bytes again and again, this one waits a tenth of a
// second.
package main

import (
	"flag"
	"log"
	"net/netip"
	"time"

	"proxyherd/factories"
	"proxyherd/protocols"
	"proxyherd/reactor"
	"proxyherd/reactor/gnetreactor"
)

// Chargen sends the printable characters again and again (RFC 864):
// twisted/protocols/wire.py:32 Chargen. It is a pull producer: it writes when
// it is asked to.
type Chargen struct{ protocols.Protocol }

// noise is what each write sends: the 95 printable characters and a line end.
var noise = func() (line []byte) {
	for c := byte(' '); c <= '~'; c++ {
		line = append(line, c)
	}
	return append(line, '\r', '\n')
}()

// ConnectionMade offers the characters to the transport.
func (c *Chargen) ConnectionMade() {
	if err := c.Transport.RegisterProducer(c, false); err != nil {
		panic(err) // raises in Twisted too
	}
}

// ResumeProducing sends one line.
func (c *Chargen) ResumeProducing() { c.Transport.Write(noise) }

// StopProducing has nothing to stop.
func (c *Chargen) StopProducing() {}

// start listens at an address.
func start(r reactor.Reactor, at netip.AddrPort) error {
	server := &Filter{MaxBurst: 20_000, Rate: 20_000, Clock: r}
	hosts := &Filter{Parent: server, Key: ByHost, MaxBurst: 10_000, Rate: 1_000, SweepInterval: 20 * time.Minute, Clock: r}
	site := &ShapedFactory{Filter: hosts, Clock: r}
	site.WrappedFactory = factories.ForProtocol(func(reactor.Address) reactor.Protocol { return &Chargen{} })
	_, err := r.ListenTCP(int(at.Port()), site, 0, at.Addr().String())
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
