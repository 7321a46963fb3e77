package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"proxyherd/docs/examples/internal/loopback"
	"proxyherd/reactor"
	"proxyherd/reactor/deferred"
	"proxyherd/reactor/reactortest"
	"proxyherd/reactor/task"
)

// Three clients come, all hear what one says; one leaves, the others go on.
func TestEverybodyHearsEveryLine(t *testing.T) {
	var out strings.Builder
	factory := &Factory{out: &out}
	var clients [3]reactor.Protocol
	var transports [3]reactortest.StringTransport
	for i := range clients {
		clients[i] = factory.BuildProtocol(nil)
		clients[i].MakeConnection(clients[i], &transports[i])
	}
	say := func(i int, words string) {
		t.Helper()
		if err := clients[i].DataReceived(clients[i], []byte(words)); err != nil {
			t.Fatal(err)
		}
	}
	say(0, "good mor")
	say(1, "hi\r\n")
	say(0, "ning\r\n")
	clients[1].ConnectionLost(reactor.ErrConnectionDone)
	say(2, "where is she?\r\n")
	for i, want := range []string{
		"hi\ngood morning\nwhere is she?\n",
		"hi\ngood morning\n",
		"hi\ngood morning\nwhere is she?\n",
	} {
		if got := transports[i].Value(); got != want {
			t.Errorf("client %d heard %q, not %q", i, got, want)
		}
	}
	if got := out.String(); !strings.HasSuffix(got, "A client left.\nreceived \"where is she?\"\n") {
		t.Errorf("printed %q", got)
	}
}

// As a service the server leaves its port in the first phase of the shutdown,
// before the reactor closes what is open: here somebody else holds that phase
// up, and takes the port.
func TestItStopsBeforeTheReactorEnds(t *testing.T) {
	network := reactortest.NewNetwork(reactortest.Options{})
	loop, next := network.Reactor("server"), network.Reactor("next")
	if err := start(loop, netip.MustParseAddrPort("10.0.0.1:1025"), io.Discard); err != nil {
		t.Fatal(err)
	}
	if _, err := next.ListenTCP(1025, &Factory{}, 0, "10.0.0.1"); err == nil {
		t.Fatal("nobody listens")
	}
	var taken error
	_, err := loop.AddSystemEventTrigger(reactor.Before, "shutdown", func() *deferred.Deferred[struct{}] {
		return task.DeferLater(loop, time.Second, func() (struct{}, error) {
			_, taken = next.ListenTCP(1025, &Factory{}, 0, "10.0.0.1")
			return struct{}{}, nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	loop.CallLater(time.Second, func() { _ = loop.Stop() })
	if err := loop.Run(); err != nil || taken != nil {
		t.Errorf("%v, and the port: %v", err, taken)
	}
	if now := network.Seconds().Sub(time.Unix(0, 0)); now != 2*time.Second {
		t.Errorf("the reactor ended after %v", now)
	}
}

func TestOverARealSocket(t *testing.T) {
	start := func(r *loopback.Reactor) error { return start(r, loopback.Anywhere, io.Discard) }
	loopback.Serve(t, start, func(ports []string) error {
		var conns [2]net.Conn
		var heard [2]*bufio.Reader
		for i := range conns {
			conn, err := loopback.Dial(ports[0])
			if err != nil {
				return err
			}
			defer conn.Close()
			conns[i], heard[i] = conn, bufio.NewReader(conn)
			// Whoever hears its own line is on the list, and so are those before it.
			line := fmt.Sprintf("I am client %d", i)
			if _, err := fmt.Fprintf(conn, "%s\r\n", line); err != nil {
				return err
			}
			for j, r := range heard[:i+1] {
				if got, err := r.ReadString('\n'); err != nil || got != line+"\n" {
					return fmt.Errorf("client %d heard %q, %v", j, got, err)
				}
			}
		}
		return nil
	})
}
