package main

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"proxyherd/herd"
)

// A server that was killed is told everything again, while a client of each
// server goes on reporting. How long that takes and how long a client waits is
// reported and not judged: it is the machine's.
func TestAServerGetsAMillionRecordsBack(t *testing.T) {
	const name = "Meeks" // which has three neighbours
	records := forms(20_000, 1_000_000)
	h := theHerd(t, nil)
	began := time.Now()
	tellMany(t, dial(t, h.config, "Farmar"), records)
	untilRecords(t, h.config, records)
	t.Logf("%d records were everywhere after %v", records, time.Since(began))

	h.running[name].signal(t, syscall.SIGKILL)
	h.running[name].ends(t, -1)
	stop := make(chan struct{})
	var quiet sync.WaitGroup
	t.Cleanup(quiet.Wait)
	endQuiet := sync.OnceFunc(func() { close(stop) })
	t.Cleanup(endQuiet)
	waits := make(map[string]*wait)
	listen := func(server string) {
		w := &wait{}
		waits[server] = w
		conn := dial(t, h.config, server)
		quiet.Go(func() { w.ask(t, conn, server, stop) })
	}
	for _, s := range h.config.Servers {
		if s.Name != name {
			listen(s.Name)
		}
	}
	began = time.Now()
	h.serveAgain(t, name)
	ready := time.Since(began)
	listen(name)
	until(t, name+" has all records", func() bool {
		st, err := statusOf(h.config, name)
		return err == nil && st.Records >= records
	})
	t.Logf("%s, ready after %v, had its %d records %v after its start", name, ready, records, time.Since(began))
	untilInSync(t, h.config)
	t.Logf("all was in sync after %v", time.Since(began))
	for _, s := range h.config.Servers {
		for _, l := range mustStatus(t, h.config, s.Name).Links {
			if !l.Resync.At.IsZero() {
				t.Logf("%s and %s: %+v", s.Name, l.Peer, l.Resync)
			}
		}
	}
	endQuiet()
	quiet.Wait()
	for _, s := range h.config.Servers {
		w := waits[s.Name]
		if w.reports == 0 {
			t.Errorf("the client of %s was not answered", s.Name)
		}
		t.Logf("%s: %d reports of its client, the longest took %v", s.Name, w.reports, w.longest)
	}
	if got, want := untilAgreed(t, h.config), records+len(waits); got != want {
		t.Errorf("there are %d records, want %d", got, want)
	}
	isWell(t, h.dir)
	h.stop(t)
}

// tellMany reports so many clients on one connection, without waiting for
// answers, and then reads these.
func tellMany(t *testing.T, conn *net.TCPConn, clients int) {
	t.Helper()
	written := make(chan error, 1)
	go func() {
		out := bufio.NewWriter(conn)
		for i := range clients {
			fmt.Fprintf(out, "IAMAT client-%d.example +34.068930-118.445127 1479413884.392014450\n", i)
		}
		written <- out.Flush() // a bufio.Writer keeps its first error
	}()
	if err := conn.SetDeadline(time.Now().Add(10 * deadline)); err != nil {
		t.Fatal(err)
	}
	answers := bufio.NewReaderSize(conn, 1<<16)
	for i := range clients {
		line, err := answers.ReadSlice('\n')
		if err != nil || !bytes.HasPrefix(line, []byte("AT ")) {
			t.Fatalf("answer %d is %q, %v", i, line, err)
		}
	}
	if err := <-written; err != nil {
		t.Fatal(err)
	}
}

// untilRecords waits until all servers have so many records.
func untilRecords(t *testing.T, config herd.Config, records int) {
	t.Helper()
	for _, s := range config.Servers {
		until(t, fmt.Sprintf("%s has %d records", s.Name, records), func() bool {
			st, err := statusOf(config, s.Name)
			return err == nil && st.Records == records
		})
	}
}

// wait is how long a client waited that reports now and then.
type wait struct {
	reports int
	longest time.Duration
}

// ask reports one client until stop is closed, a moment after each answer.
func (w *wait) ask(t *testing.T, conn *net.TCPConn, server string, stop <-chan struct{}) {
	const moment = 5 * time.Millisecond
	again := time.NewTicker(moment)
	defer again.Stop()
	answers := bufio.NewReader(conn)
	for {
		select {
		case <-stop:
			return
		case <-again.C:
		}
		began := time.Now()
		err := conn.SetDeadline(began.Add(deadline))
		if err == nil {
			_, err = fmt.Fprintf(conn, "IAMAT quiet-%s +1+1 %d\n", server, 1+w.reports)
		}
		var line string
		if err == nil {
			line, err = answers.ReadString('\n')
		}
		if want := fmt.Sprintf(" quiet-%s +1+1 %d\n", server, 1+w.reports); err != nil || !strings.HasSuffix(line, want) {
			t.Errorf("%s answered %q, %v", server, line, err)
			return
		}
		w.longest = max(w.longest, time.Since(began))
		w.reports++
	}
}
