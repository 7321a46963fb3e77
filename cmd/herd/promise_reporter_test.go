package main

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"proxyherd/herd"
)

// reporter reports the places of clients of its own to one server, in batches, and
// remembers what was acknowledged.
type reporter struct {
	t       *testing.T
	config  herd.Config
	server  string
	prefix  string // of its clients' ids, which nobody else uses
	clients int
	batch   int           // reports that travel together
	every   time.Duration // from one batch to the next, or longer; 0: once the last is answered
	most    int           // reports in all; 0: no bound
	stale   int           // every so manyth report is an old one, which changes nothing; 0: none

	// Only the goroutine that reports uses sent; the rest is for mu's holder.
	sent   int
	mu     sync.Mutex
	total  int   // acknowledged
	newest []ack // of each client
}

// ack is an acknowledgement that a client has read.
type ack struct {
	time int // what the report gave as its own; 0: there was none
	at   time.Time
}

// firstTime is before all times that reporters give: the n-th report says that
// it is of n seconds later.
const firstTime = 1_000_000_000

// reporters makes n reporters of as many clients each, who all talk to server.
func reporters(t *testing.T, config herd.Config, server string, n, clients int) []*reporter {
	var list []*reporter
	for i := range n {
		list = append(list, &reporter{
			t: t, config: config, server: server, prefix: fmt.Sprintf("%s-%d-", server, i),
			clients: clients, batch: 8, newest: make([]ack, clients),
		})
	}
	return list
}

// talk reports on one connection until stop is closed, all is said, or the server
// ends it.
func (r *reporter) talk(stop <-chan struct{}) {
	s, _ := r.config.Server(r.server)
	conn, err := net.DialTimeout("tcp", s.Clients, deadline)
	if err != nil {
		return // nobody listens: the server has gone
	}
	defer conn.Close()
	tick := time.NewTicker(max(r.every, 1)) // a nanosecond is no time to wait
	defer tick.Stop()
	for answers := bufio.NewReader(conn); r.most == 0 || r.sent < r.most; {
		select {
		case <-stop:
			return
		case <-tick.C:
		}
		if !r.exchange(conn, answers) {
			return
		}
	}
}

// keepTalking is talk again and again, for as long as the server comes back.
func (r *reporter) keepTalking(stop <-chan struct{}) {
	again := time.NewTicker(10 * time.Millisecond) // a server that starts needs the processor
	defer again.Stop()
	for {
		r.talk(stop)
		select {
		case <-stop:
			return
		case <-again.C:
		}
	}
}

// exchange sends a batch of reports and reads their answers. It returns false when
// the connection has ended.
func (r *reporter) exchange(conn net.Conn, answers *bufio.Reader) bool {
	if err := conn.SetDeadline(time.Now().Add(deadline)); err != nil {
		return false
	}
	var text strings.Builder
	first := r.sent + 1
	for range r.batch {
		r.sent++
		text.WriteString("IAMAT " + r.report(r.sent) + "\n")
	}
	if _, err := conn.Write([]byte(text.String())); err != nil {
		return false
	}
	for i := first; i <= r.sent; i++ {
		line, err := answers.ReadString('\n')
		if err != nil {
			return false
		}
		if !strings.HasPrefix(line, "AT "+r.server+" ") || !strings.HasSuffix(line, " "+r.report(i)+"\n") {
			r.t.Errorf("%s answered %q to IAMAT %s", r.server, line, r.report(i))
			return false
		}
		r.acknowledged(i)
	}
	return true
}

func (r *reporter) isStale(i int) bool { return r.stale > 0 && i > r.clients && i%r.stale == 0 }

// report is the i-th report: all are from one place, so that questions about
// them are the same to the upstream.
func (r *reporter) report(i int) string {
	at := firstTime + i
	if r.isStale(i) {
		at = firstTime
	}
	return fmt.Sprintf("%s +1+1 %d", r.id(i%r.clients), at)
}

func (r *reporter) id(client int) string { return fmt.Sprintf("%s%d", r.prefix, client) }

func (r *reporter) acknowledged(i int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.total++
	if !r.isStale(i) {
		r.newest[i%r.clients] = ack{firstTime + i, time.Now()}
	}
}

// answered is how many reports the reporters have had acknowledged.
func answered(list []*reporter) (n int) {
	for _, r := range list {
		r.mu.Lock()
		n += r.total
		r.mu.Unlock()
	}
	return n
}

// load is reporters at work.
type load struct {
	stop chan struct{}
	once sync.Once
	wait sync.WaitGroup
}

// inParallel has each reporter talk in its own goroutine, as talk does or as
// keepTalking does, until end is called or the test is over.
func inParallel(t *testing.T, list []*reporter, talk func(*reporter, <-chan struct{})) *load {
	l := &load{stop: make(chan struct{})}
	for _, r := range list {
		l.wait.Go(func() { talk(r, l.stop) })
	}
	t.Cleanup(l.end)
	return l
}

// end lets the reporters end their batches, and waits for that.
func (l *load) end() {
	l.once.Do(func() { close(l.stop) })
	l.wait.Wait()
}

// done is closed when all reporters have nothing more to say.
func (l *load) done() <-chan struct{} {
	done := make(chan struct{})
	go func() { l.wait.Wait(); close(done) }()
	return done
}

// ends waits until the reporters have ended by themselves, which those of a server
// do that has.
func (l *load) ends(t *testing.T) {
	t.Helper()
	select {
	case <-l.done():
	case <-time.After(deadline):
		t.Fatal("clients are still connected")
	}
}
