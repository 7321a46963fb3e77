// Command blockingcall has a bug: what answers a line waits for a slow service, in
// the place of doing so elsewhere.
//
//	go run ./docs/examples/bugs/blockingcall -design reactor
//	go run ./docs/examples/bugs/blockingcall -design goroutine
//
// One client asks what is slow, another what is not. Notice who waits, and who finds
// out.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"sync/atomic"
	"time"
)

// service is what the slow question needs. It is entered, and then waits to be let go.
type service struct {
	entered chan struct{}
	letGo   chan struct{}
	over    atomic.Bool
}

// answer answers a line. It is the bug, in both designs: a slow question belongs
// elsewhere (threads.DeferToThread on a reactor).
func (s *service) answer(line string) string {
	if line == "slow" {
		s.entered <- struct{}{}
		<-s.letGo
	}
	return "answer to " + line
}

// design serves lines until stop is called, which returns what it has noticed.
type design func(s *service) (address string, stop func() (noticed string), err error)

var designs = map[string]design{"reactor": onReactor, "goroutine": inGoroutines}

// hold is how long the slow question takes: longer than a turn may.
const hold = 5 * limit

// result is what came of it.
type result struct {
	otherWaited bool // the other client, for the slow one's answer
	noticed     string
}

func run(out io.Writer, d design) (r result, err error) {
	s := &service{entered: make(chan struct{}), letGo: make(chan struct{})}
	address, stop, err := d(s)
	if err != nil {
		return r, err
	}
	slow, other := make(chan error, 1), make(chan error, 1)
	go func() { slow <- ask(address, "slow") }()
	<-s.entered
	go func() {
		err := ask(address, "quick")
		r.otherWaited = s.over.Load()
		other <- err
	}()
	// The quick question may be answered meanwhile, if it can.
	select {
	case err = <-other:
		other <- err
		time.Sleep(hold)
	case <-time.After(hold):
	}
	s.over.Store(true)
	close(s.letGo)
	for _, asked := range []chan error{slow, other} {
		if e := <-asked; e != nil {
			err = e
		}
	}
	r.noticed = stop()
	fmt.Fprintf(out, "the other client waited for the slow question: %v\nnoticed: %s\n", r.otherWaited, r.noticed)
	return r, err
}

// ask sends a line and waits for its answer.
func ask(address, line string) error {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err = fmt.Fprintf(conn, "%s\r\n", line); err != nil {
		return err
	}
	_, err = bufio.NewReader(conn).ReadString('\n')
	return err
}

func main() {
	name := flag.String("design", "reactor", "reactor or goroutine")
	flag.Parse()
	d := designs[*name]
	if d == nil {
		log.Fatalf("there is no design %q", *name)
	}
	if _, err := run(os.Stdout, d); err != nil {
		log.Fatal(err)
	}
}
