// Command echoclient sends three lines to an echo server, prints what comes
// back, and ends with the connection.
//
//	go run ./docs/examples/echoclient
//
// Beside it: doc/core/examples/echoclient.py. Notice that the client factory has
// Twisted's two hooks with their names and arguments, and that what the factory
// needs (the reactor to stop, where to print) it is given. LineReceived is not
// wired to anything: a protocol without it is refused when it is connected.
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

// end is the last line; its echo ends the connection.
const end = "Bye-bye!"

// EchoClient says its lines and prints the answers.
type EchoClient struct {
	protocols.LineReceiver
	out io.Writer
}

// ConnectionMade sends everything at once: the transport keeps what does not
// fit, and all three lines leave in one packet.
func (c *EchoClient) ConnectionMade() {
	c.SendLine([]byte("Good morning."))
	c.SendLine([]byte("Is there an echo?"))
	c.SendLine([]byte(end))
}

// LineReceived prints the line.
func (c *EchoClient) LineReceived(line []byte) error {
	fmt.Fprintf(c.out, "receive: %s\n", line)
	if string(line) == end {
		c.Transport.LoseConnection()
	}
	return nil
}

// EchoClientFactory makes one connection's client, and stops the reactor when
// there is nothing more to come.
type EchoClientFactory struct {
	factories.ClientFactory
	loop reactor.Core
	out  io.Writer
}

// BuildProtocol makes the client.
func (f *EchoClientFactory) BuildProtocol(reactor.Address) reactor.Protocol {
	return &EchoClient{out: f.out}
}

// ClientConnectionFailed tells why there is no connection.
func (f *EchoClientFactory) ClientConnectionFailed(_ reactor.Connector, reason error) {
	f.stop("connection failed:", reason)
}

// ClientConnectionLost tells why there is none any more.
func (f *EchoClientFactory) ClientConnectionLost(_ reactor.Connector, reason error) {
	f.stop("connection lost:", reason)
}

func (f *EchoClientFactory) stop(what string, reason error) {
	fmt.Fprintln(f.out, what, reason)
	_ = f.loop.Stop() // an error means that Ctrl-C was faster
}

func main() {
	to := netip.MustParseAddrPort("127.0.0.1:8000")
	flag.TextVar(&to, "address", to, "connect to this `address`")
	flag.Parse()
	loop := gnetreactor.New(gnetreactor.Config{})
	factory := &EchoClientFactory{loop: loop, out: os.Stdout}
	loop.ConnectTCP(to.Addr().String(), int(to.Port()), factory, 0, nil)
	if err := loop.Run(); err != nil {
		log.Fatal(err)
	}
}
