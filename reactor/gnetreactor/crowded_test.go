//go:build linux

package gnetreactor

import (
	"net"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestAPortWithoutDescriptorsWaitsAndServesAgain(t *testing.T) {
	// The process may open three descriptors more; six clients come.
	r, log := newTestReactor(t, Config{})
	log.wanted = true
	const clients = 6
	served, atTheLimit, spun := 0, 0, uint64(0)
	var conns []*net.TCPConn
	number := listen(t, r, each(func() *conversation {
		return &conversation{received: func(c *conversation, data []byte) error {
			served++
			c.transport.Write(data)
			if served == clients {
				stop(r)
			}
			return nil
		}}
	}))
	var old unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &old); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &old); err != nil {
			t.Error(err)
		}
	}()
	r.CallWhenRunning(func() {
		for range clients {
			c := dial(t, number)
			if _, err := c.Write([]byte("x")); err != nil {
				t.Error(err)
			}
			conns = append(conns, c)
		}
		limit := old
		limit.Cur = lowestFree(t) + 3
		if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
			t.Error(err)
		}
		before := r.pace.seen
		// Two waits for room later, the port has tried and found none.
		r.CallLater(crowdedWait*5/2, func() {
			atTheLimit, spun = served, r.pace.seen-before
			for _, c := range conns[:3] {
				_ = c.Close() // the server loses three, and has room for three
			}
		})
	})
	run(t, r)
	if atTheLimit != 3 || served != clients {
		t.Errorf("%d served at the limit, %d in the end; want 3 and %d", atTheLimit, served, clients)
	}
	if spun > 40 {
		t.Errorf("%d events while there was no descriptor: the port spun", spun)
	}
	if !strings.Contains(strings.Join(log.texts, "\n"), "EMFILE") {
		t.Errorf("nothing logged about it: %q", log.texts)
	}
	runtime.KeepAlive(conns)
}

// lowestFree is the number that the next descriptor will get.
func lowestFree(t *testing.T) uint64 {
	fd, err := unix.Dup(0)
	if err != nil {
		t.Fatal(err)
	}
	_ = unix.Close(fd)
	return uint64(fd)
}
