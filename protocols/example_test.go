package protocols_test

import (
	"bytes"
	"fmt"
	"strconv"
	"time"

	"proxyherd/protocols"
	"proxyherd/reactor"
	"proxyherd/reactor/reactortest"
	"proxyherd/reactor/task"
)

// hello answers each line. It has no buffer to mind, and no wiring: the base
// calls LineReceived.
type hello struct{ protocols.LineReceiver }

func (g *hello) LineReceived(name []byte) error {
	g.SendLine(append([]byte("Hello, "), name...))
	return nil
}

// A protocol is tested without a socket: what comes is handed to it, in whatever
// pieces, and what it writes is in the transport.
func ExampleLineReceiver() {
	transport := &reactortest.StringTransport{}
	p := &hello{}
	p.MakeConnection(p, transport)
	p.DataReceived(p, []byte("Farmar\r\nGas"))
	p.DataReceived(p, []byte("ol\r\n"))
	fmt.Printf("%q\n", transport.Value())
	// Output: "Hello, Farmar\r\nHello, Gasol\r\n"
}

// letters takes letters: a line with a length, and as many bytes.
type letters struct {
	protocols.LineReceiver
	missing int
}

func (l *letters) LineReceived(line []byte) (err error) {
	if l.missing, err = strconv.Atoi(string(line)); err == nil {
		l.SetRawMode()
	}
	return err // ends the connection
}

func (l *letters) RawDataReceived(data []byte) error {
	mine := data[:min(len(data), l.missing)]
	l.missing -= len(mine)
	fmt.Printf("%q\n", mine)
	if l.missing == 0 {
		return l.SetLineMode(data[len(mine):]) // what was not for us
	}
	return nil
}

// In raw mode bytes come as they are. What follows them is given back, and is
// lines again.
func ExampleLineReceiver_SetRawMode() {
	p := &letters{}
	p.MakeConnection(p, &reactortest.StringTransport{})
	p.DataReceived(p, []byte("6\r\nab\r\nc\n3\r\nxyz"))
	// Output:
	// "ab\r\nc\n"
	// "xyz"
}

// A line that is too long ends the connection, unless the protocol has something
// to say first.
func ExampleLineReceiver_LineLengthExceeded() {
	transport := &reactortest.StringTransport{}
	p := &polite{}
	p.MaxLength = 5
	p.MakeConnection(p, transport)
	p.DataReceived(p, []byte("short\r\nmuch too long"))
	fmt.Printf("%q\n", transport.Value())
	fmt.Println(transport.Disconnecting())
	// Output:
	// "Hello, short\r\nThat is too long.\r\n"
	// true
}

type polite struct{ hello }

func (p *polite) LineLengthExceeded(line []byte) error {
	p.SendLine([]byte("That is too long."))
	return p.hello.LineLengthExceeded(line)
}

// doubler takes strings with their lengths before them, which may hold anything.
type doubler struct{ protocols.NetstringReceiver }

func (d *doubler) StringReceived(s []byte) error {
	d.SendString(bytes.Repeat(s, 2))
	return nil
}

func ExampleNetstringReceiver() {
	transport := &reactortest.StringTransport{}
	p := &doubler{}
	p.MakeConnection(p, transport)
	p.DataReceived(p, []byte("3:a\nb,2:"))
	p.DataReceived(p, []byte("cd,"))
	fmt.Printf("%q\n", transport.Value())
	// Output: "6:a\nba\nb,4:cdcd,"
}

// minute ends a connection on which nothing is said for a minute.
type minute struct {
	protocols.LineReceiver
	protocols.TimeoutMixin
}

func (p *minute) ConnectionMade()           { p.SetTimeout(p, time.Minute) }
func (p *minute) LineReceived([]byte) error { p.ResetTimeout(); return nil }
func (p *minute) ConnectionLost(reason error) {
	p.SetTimeout(p, 0)
	p.LineReceiver.ConnectionLost(reason)
}

var _ reactor.Protocol = (*minute)(nil)

// Time is the clock's that the protocol was given, so that a test need not wait.
func ExampleTimeoutMixin() {
	clock := &task.Clock{}
	transport := &reactortest.StringTransport{}
	p := &minute{TimeoutMixin: protocols.TimeoutMixin{Clock: clock}}
	p.MakeConnection(p, transport)
	clock.Advance(50 * time.Second)
	p.DataReceived(p, []byte("still here\r\n"))
	clock.Advance(50 * time.Second)
	fmt.Println(transport.Disconnecting())
	clock.Advance(10 * time.Second)
	fmt.Println(transport.Disconnecting())
	// Output:
	// false
	// true
}
