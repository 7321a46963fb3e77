//go:build linux

package gnetreactor

import (
	"net/netip"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"proxyherd/reactor"
)

// TestAcceptErrors is twisted/test/test_tcp_internals.py SelectReactorTestCase:
// whatever accept says, the port and its connections live on.
func TestAcceptErrors(t *testing.T) {
	for _, c := range []struct {
		err    unix.Errno
		logged string
		waits  bool // for room, rather than to be asked again at once
	}{
		{unix.EMFILE, "could not accept new connection (EMFILE)", true},
		{unix.ENOBUFS, "could not accept new connection (ENOBUFS)", true},
		{unix.ECONNABORTED, "could not accept new connection (ECONNABORTED)", false},
		{unix.ENFILE, "could not accept new connection (ENFILE)", true},
		{unix.ENOMEM, "could not accept new connection (ENOMEM)", true},
		{unix.EPROTO, "could not accept new connection (EPROTO)", false},
		{unix.EPERM, "", false}, // a firewall's refusal: the next may be let in
		{unix.EINTR, "", false},
	} {
		t.Run(unix.ErrnoName(c.err), func(t *testing.T) {
			r, log := newTestReactor(t, Config{})
			log.wanted = true
			var servers []*conversation
			p := listenOn(t, r, 0, each(func() *conversation {
				s := &conversation{received: func(c *conversation, data []byte) error { c.transport.Write(data); return nil }}
				servers = append(servers, s)
				return s
			}), 0, "127.0.0.1")
			_, number := reactor.SplitAddress(p.GetHost())
			failures, waited := 0, false
			client := func(then func()) {
				r.ConnectTCP("127.0.0.1", number, each(func() *conversation {
					return &conversation{
						made:     func(c *conversation) { c.transport.Write([]byte("x")) },
						received: func(*conversation, []byte) error { then(); return nil },
					}
				}), 0, nil)
			}
			client(func() {
				p.accept = func() (int, netip.AddrPort, error) {
					p.accept = p.accept4
					failures++
					r.CallLater(0, func() { waited = p.retry != nil })
					return -1, netip.AddrPort{}, c.err
				}
				client(func() { stop(r) })
			})
			before := len(log.texts)
			run(t, r)
			if waited != c.waits {
				t.Errorf("the port waited for room: %t, want %t", waited, c.waits)
			}
			if failures != 1 || len(servers) != 2 {
				t.Errorf("accept failed %d times and %d connections were served, want 1 and 2", failures, len(servers))
			}
			said := ""
			for _, text := range log.texts[before:] {
				if strings.Contains(text, "accept") {
					said += text
				}
			}
			if c.logged == "" && said != "" || !strings.Contains(said, c.logged) {
				t.Errorf("it logged %q, want %q", said, c.logged)
			}
		})
	}
}

func TestACrowdedPortAsksAgainOnlyWhenThereMayBeRoom(t *testing.T) {
	// While accept finds no descriptor the loop turns for other reasons. A port
	// that asked in each of those turns would fill the log.
	r, log := newTestReactor(t, Config{})
	log.wanted = true
	p := listenOn(t, r, 0, each(nil), 0, "127.0.0.1")
	asked := 0
	p.accept = func() (int, netip.AddrPort, error) { asked++; return -1, netip.AddrPort{}, unix.EMFILE }
	var began, ended = r.Seconds(), r.Seconds()
	const turns = 2000
	r.CallWhenRunning(func() {
		_, number := reactor.SplitAddress(p.GetHost())
		dial(t, number)
		began = r.Seconds()
		left := turns
		var turn func()
		turn = func() {
			if left--; left > 0 {
				r.CallLater(0, turn)
				return
			}
			ended = r.Seconds()
			stop(r)
		}
		turn()
	})
	run(t, r)
	if most := 2 + int(ended.Sub(began)/crowdedWait); asked == 0 || asked > most {
		t.Errorf("in %d turns and %v it asked %d times, want 1 to %d", turns, ended.Sub(began), asked, most)
	}
	if n := strings.Count(strings.Join(log.texts, "\n"), "EMFILE"); n != asked {
		t.Errorf("%d messages for %d errors", n, asked)
	}
}

func TestACrowdedPortWaitsInLineOnce(t *testing.T) {
	r, log := newTestReactor(t, Config{})
	log.wanted = true
	p := listenOn(t, r, 0, each(nil), 0, "127.0.0.1")
	r.CallWhenRunning(func() {
		for range 3 {
			p.waitForRoom(unix.EMFILE)
			if p.interest != off {
				t.Error("it is in the poller while it waits")
			}
			p.makeRoom() // as when it has waited long enough
			if p.interest != accepting || p.retry != nil {
				t.Error("it is not in the poller when it has waited")
			}
		}
		if len(r.crowded) != 1 {
			t.Errorf("it stands in line %d times", len(r.crowded))
		}
		stop(r)
	})
	run(t, r)
}
