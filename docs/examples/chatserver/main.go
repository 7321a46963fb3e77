// Command chatserver sends each line that a client writes to all clients, until
// Ctrl-C. Connect with telnet, or with nc -C, whose lines end with CR LF.
//
//	go run ./docs/examples/chatserver
//
// Beside it: doc/core/examples/chatserver.py, which twistd runs. Notice that
// what twistd does with an application is two lines of start here, and that the
// clients' list needs no lock: everything happens on one loop.
package main

import (
	"flag"
	"fmt"
	"io"
	"log"
	"net/netip"
	"os"
	"slices"

	"proxyherd/factories"
	"proxyherd/protocols"
	"proxyherd/reactor"
	"proxyherd/reactor/gnetreactor"
	"proxyherd/reactor/service"
)

// MyChat is one client's connection.
type MyChat struct {
	protocols.LineReceiver
	factory *Factory
}

// ConnectionMade joins the others.
func (c *MyChat) ConnectionMade() {
	fmt.Fprintln(c.factory.out, "A client came.")
	c.factory.clients = append(c.factory.clients, c)
}

// ConnectionLost leaves them.
func (c *MyChat) ConnectionLost(error) {
	fmt.Fprintln(c.factory.out, "A client left.")
	c.factory.clients = slices.DeleteFunc(c.factory.clients, func(other *MyChat) bool { return other == c })
}

// LineReceived sends line to everybody, in the order in which they came. No
// Write calls back before it returns, so the list stands still meanwhile.
func (c *MyChat) LineReceived(line []byte) error {
	fmt.Fprintf(c.factory.out, "received %q\n", line)
	for _, client := range c.factory.clients {
		client.Message(line)
	}
	return nil
}

// Message sends a line that somebody wrote.
func (c *MyChat) Message(message []byte) {
	c.Transport.WriteSequence([][]byte{message, {'\n'}})
}

// Factory has what the connections share.
type Factory struct {
	factories.ServerFactory
	clients []*MyChat
	out     io.Writer
}

// BuildProtocol makes a client's connection.
func (f *Factory) BuildProtocol(reactor.Address) reactor.Protocol { return &MyChat{factory: f} }

// start starts the server as a service, and has it stopped before the reactor
// ends.
func start(r reactor.Reactor, at netip.AddrPort, out io.Writer) error {
	server := service.TCPServer(r, int(at.Port()), &Factory{out: out}, 0, at.Addr().String())
	if err := server.StartService(); err != nil {
		return err
	}
	_, err := r.AddSystemEventTrigger(reactor.Before, "shutdown", server.StopService)
	return err
}

func main() {
	at := netip.MustParseAddrPort("127.0.0.1:1025")
	flag.TextVar(&at, "address", at, "listen at this `address`")
	flag.Parse()
	loop := gnetreactor.New(gnetreactor.Config{})
	if err := start(loop, at, os.Stdout); err != nil {
		log.Fatal(err)
	}
	if err := loop.Run(); err != nil {
		log.Fatal(err)
	}
}
