// Command forgottenlock has a bug: connections share a map, and nothing guards it.
//
//	go run ./docs/examples/bugs/forgottenlock -design reactor
//	go run ./docs/examples/bugs/forgottenlock -design goroutine
//	go run -race ./docs/examples/bugs/forgottenlock -design goroutine
//
// Clients report over several connections at once, and each report is counted.
// Notice that the code which counts is the same in both, and right in one.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"sync"
)

// reports counts the reports of each client. It has no lock.
type reports map[string]int

// count is the bug, where it is called on many goroutines.
func (r reports) count(client string) { r[client]++ }

func (r reports) total() (n int) {
	for _, reported := range r {
		n += reported
	}
	return n
}

// design serves lines until stop is called.
type design func(r reports) (address string, stop func() error, err error)

var designs = map[string]design{"reactor": onReactor, "goroutine": inGoroutines}

// run has clients report, and tells how many reports were counted.
func run(out io.Writer, d design, clients, each int) error {
	r := reports{}
	address, stop, err := d(r)
	if err != nil {
		return err
	}
	var all sync.WaitGroup
	failed := make(chan error, clients)
	for client := range clients {
		all.Go(func() { failed <- report(address, fmt.Sprint("client", client%2), each) })
	}
	all.Wait()
	for range clients {
		if e := <-failed; e != nil {
			err = e
		}
	}
	if e := stop(); e != nil {
		err = e
	}
	fmt.Fprintf(out, "%d of %d reports were counted\n", r.total(), clients*each)
	return err
}

// report sends a client's name many times, and waits for as many answers.
func report(address, name string, times int) error {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return err
	}
	defer conn.Close()
	answers := bufio.NewReader(conn)
	for range times {
		if _, err = fmt.Fprintf(conn, "%s\r\n", name); err != nil {
			return err
		}
		if _, err = answers.ReadString('\n'); err != nil {
			return err
		}
	}
	return nil
}

func main() {
	name := flag.String("design", "reactor", "reactor or goroutine")
	clients := flag.Int("clients", 20, "how many connections")
	each := flag.Int("each", 1000, "how many reports over each")
	flag.Parse()
	d := designs[*name]
	if d == nil {
		log.Fatalf("there is no design %q", *name)
	}
	if err := run(os.Stdout, d, *clients, *each); err != nil {
		log.Fatal(err)
	}
}
