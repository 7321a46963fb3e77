// Command simpleclient sends a greeting to simpleserv, prints the answer, and
// ends.
//
//	go run ./docs/examples/simpleserv &
//	go run ./docs/examples/simpleclient
//
// Beside it: doc/core/examples/simpleclient.py. Notice the two tellings of one
// end, in Twisted's order: the protocol's ConnectionLost, then the factory's
// ClientConnectionLost.
package main

import (
	"flag"
	"fmt"
	"io"
	"log"
	"net/netip"
	"os"

	"proxyherd/factories"
	"proxyherd/protocols"
	"proxyherd/reactor"
	"proxyherd/reactor/gnetreactor"
)

// EchoClient sends a message once connected, then prints the answer. A stream
// may cut that anywhere; whoever minds takes echoclient's LineReceiver.
type EchoClient struct {
	protocols.Protocol
	out io.Writer
}

// ConnectionMade sends the message.
func (c *EchoClient) ConnectionMade() { c.Transport.Write([]byte("hello there")) }

// DataReceived prints the answer and closes.
func (c *EchoClient) DataReceived(_ reactor.Protocol, data []byte) error {
	fmt.Fprintf(c.out, "Server said: %s\n", data)
	c.Transport.LoseConnection()
	return nil
}

// ConnectionLost notes the end.
func (c *EchoClient) ConnectionLost(error) { fmt.Fprintln(c.out, "connection lost") }

// EchoFactory makes the client, and stops the reactor after it.
type EchoFactory struct {
	factories.ClientFactory
	loop reactor.Core
	out  io.Writer
}

// BuildProtocol makes the client.
func (f *EchoFactory) BuildProtocol(reactor.Address) reactor.Protocol {
	return &EchoClient{out: f.out}
}

// ClientConnectionFailed says that nobody was there.
func (f *EchoFactory) ClientConnectionFailed(reactor.Connector, error) {
	f.stop("Connection failed: good bye")
}

// ClientConnectionLost says that it is over.
func (f *EchoFactory) ClientConnectionLost(reactor.Connector, error) {
	f.stop("Connection lost: good bye")
}

func (f *EchoFactory) stop(words string) {
	fmt.Fprintln(f.out, words)
	_ = f.loop.Stop() // an error means that Ctrl-C was faster
}

func main() {
	to := netip.MustParseAddrPort("127.0.0.1:8000")
	flag.TextVar(&to, "address", to, "connect to this `address`")
	flag.Parse()
	loop := gnetreactor.New(gnetreactor.Config{})
	factory := &EchoFactory{loop: loop, out: os.Stdout}
	loop.ConnectTCP(to.Addr().String(), int(to.Port()), factory, 0, nil)
	if err := loop.Run(); err != nil {
		log.Fatal(err)
	}
}
