// Command slowturn has a server that holds the loop, and finds out which callback
// it was.
//
//	go run ./docs/examples/slowturn
//
// A reactor calls one callback after the other, so one that waits makes everybody
// wait. Here the server looks a number up in its memory, and in a slow place where
// that has none. Notice that nothing is added to the server: the reactor measures
// its turns (Config.SlowTurn) and tells of those that took long, and what the
// process did meanwhile is in a trace. Twisted has nothing like it.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"runtime/trace"
	"time"

	"proxyherd/factories"
	"proxyherd/protocols"
	"proxyherd/reactor"
	"proxyherd/reactor/gnetreactor"
)

// limit is how long a turn may take before it is slow.
const limit = 10 * time.Millisecond

// Phonebook answers a name with its number.
type Phonebook struct{ protocols.LineReceiver }

// LineReceived looks the name up.
func (p *Phonebook) LineReceived(line []byte) error {
	number, known := map[string]string{"Ada": "1815", "Grace": "1906"}[string(line)]
	if !known {
		number = askTheArchive(line)
	}
	p.SendLine([]byte(number))
	return nil
}

// askTheArchive is the mistake: it belongs on a thread (threads.DeferToThread), as
// the loop must not wait.
func askTheArchive([]byte) string {
	time.Sleep(3 * limit)
	return "unknown"
}

// Caller asks for a number after the other, and then stops the loop.
type Caller struct {
	protocols.LineReceiver
	names []string
	loop  reactor.Core
}

// ConnectionMade asks for the first.
func (c *Caller) ConnectionMade() { c.ask() }

// LineReceived asks for the next.
func (c *Caller) LineReceived([]byte) error {
	c.ask()
	return nil
}

func (c *Caller) ask() {
	if len(c.names) == 0 {
		_ = c.loop.Stop() // it runs, for it has just called
		return
	}
	name := c.names[0]
	c.names = c.names[1:]
	c.SendLine([]byte(name))
}

// run asks a server for three numbers, tells of slow turns on out, and writes a
// trace of it all to a file.
func run(out io.Writer, traced string) (err error) {
	recorder := trace.NewFlightRecorder(trace.FlightRecorderConfig{MinAge: time.Minute})
	if err := recorder.Start(); err != nil {
		return err
	}
	defer recorder.Stop()
	loop := gnetreactor.New(gnetreactor.Config{
		SlowTurn: limit,
		OnSlowTurn: func(turn gnetreactor.SlowTurn) {
			fmt.Fprintf(out, "a turn took %v, of which %v in: %s\n",
				turn.Took.Round(time.Millisecond), turn.CallbackTook.Round(time.Millisecond), turn.Callback)
		},
	})
	server := factories.ForProtocol(func(reactor.Address) reactor.Protocol { return &Phonebook{} })
	port, err := loop.ListenTCP(0, server, 0, "127.0.0.1")
	if err != nil {
		return err
	}
	client := factories.ForProtocol(func(reactor.Address) reactor.Protocol {
		return &Caller{names: []string{"Ada", "Edsger", "Grace"}, loop: loop}
	})
	host, number := reactor.SplitAddress(port.GetHost())
	loop.ConnectTCP(host, number, client, 0, nil)
	if err := loop.Run(); err != nil {
		return err
	}
	file, err := os.Create(traced)
	if err != nil {
		return err
	}
	_, err = recorder.WriteTo(file)
	return errors.Join(err, file.Close())
}

func main() {
	traced := flag.String("trace", "slowturn.trace", "write the trace to this `file`, for go tool trace")
	flag.Parse()
	if err := run(os.Stdout, *traced); err != nil {
		log.Fatal(err)
	}
}
