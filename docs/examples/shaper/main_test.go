package main

import (
	"bytes"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"proxyherd/docs/examples/internal/loopback"
	"proxyherd/factories"
	"proxyherd/reactor"
	"proxyherd/reactor/reactortest"
)

var at = netip.MustParseAddrPort("10.0.0.1:8000")

// hosts starts the example in virtual time and connects so many hosts to it.
func hosts(t *testing.T, count int) (*reactortest.Network, []*reactortest.AccumulatingProtocol) {
	t.Helper()
	network := reactortest.NewNetwork(reactortest.Options{})
	if err := start(network.Reactor("server"), at); err != nil {
		t.Fatal(err)
	}
	r := network.Reactor("clients")
	clients := make([]*reactortest.AccumulatingProtocol, count)
	for i := range clients {
		clients[i] = dial(r, i+1)
	}
	return network, clients
}

// dial connects to the example from a host of the network 10.0.1.
func dial(r reactor.TCP, host int) *reactortest.AccumulatingProtocol {
	client := &reactortest.AccumulatingProtocol{}
	f := factories.ForProtocol(func(reactor.Address) reactor.Protocol { return client })
	r.ConnectTCP("10.0.0.1", 8000, f, 0, reactor.IPv4Address{Host: fmt.Sprintf("10.0.1.%d", host)})
	return client
}

// received is how many bytes all clients have.
func received(clients ...*reactortest.AccumulatingProtocol) (sum int) {
	for _, c := range clients {
		sum += len(c.Data)
	}
	return sum
}

// One host has its first 10,000 bytes at once and 1,000 more in each second:
// never more, and less by no more than the pause makes.
func TestOneHostsRate(t *testing.T) {
	network, clients := hosts(t, 1)
	seconds := 0
	for ; seconds <= 60; seconds++ {
		if got, most := received(clients...), 10_000+1_000*seconds; seconds > 0 && (got > most || got < most-200) {
			t.Fatalf("%d bytes after %d seconds, not %d", got, seconds, most)
		}
		network.Advance(time.Second)
	}
	want := bytes.Repeat(noise, len(clients[0].Data)/len(noise)+1)
	if !bytes.Equal(clients[0].Data, want[:len(clients[0].Data)]) {
		t.Error("the shaper changed what Chargen wrote")
	}
	if seconds != 61 {
		t.Errorf("looked at %d seconds", seconds)
	}
}

// Two connections of one host share its bucket.
func TestAHostsConnectionsShare(t *testing.T) {
	network := reactortest.NewNetwork(reactortest.Options{})
	if err := start(network.Reactor("server"), at); err != nil {
		t.Fatal(err)
	}
	r := network.Reactor("clients")
	both := []*reactortest.AccumulatingProtocol{dial(r, 1), dial(r, 1)}
	network.Advance(30 * time.Second)
	if got := received(both...); got > 40_000 || got < 39_800 {
		t.Errorf("%d bytes in all", got)
	}
}

// Thirty hosts may have 30,000 bytes a second, but the server gives no more
// than 20,000.
func TestAllHostsRate(t *testing.T) {
	network, clients := hosts(t, 30)
	network.Advance(10 * time.Second)
	if got := received(clients...); got > 220_000 || got < 215_000 {
		t.Errorf("%d bytes in 10 seconds", got)
	}
}

// Whoever hangs up and comes back at once gets no second burst; whoever stays
// away until the bucket has drained does.
func TestComingBack(t *testing.T) {
	network, clients := hosts(t, 1)
	network.Advance(time.Second)
	again := network.Reactor("again")
	for _, stays := range []struct {
		away        time.Duration
		least, most int
	}{{0, 800, 1_200}, {5 * time.Second, 5_800, 6_200}, {time.Hour, 10_800, 11_000}} {
		clients[0].Transport.LoseConnection()
		network.Advance(stays.away)
		clients[0] = dial(again, 1)
		network.Advance(time.Second)
		if got := received(clients...); got < stays.least || got > stays.most {
			t.Errorf("after %v away: %d bytes in a second", stays.away, got)
		}
	}
}

// A client that does not read for an hour finds what the network held for it,
// and the next burst, but not an hour's bytes.
func TestAPeerThatDoesNotRead(t *testing.T) {
	network, clients := hosts(t, 1)
	network.Advance(time.Second)
	before := received(clients...)
	clients[0].Transport.PauseProducing()
	network.Advance(time.Hour)
	clients[0].Transport.ResumeProducing()
	network.Advance(time.Second)
	if got := received(clients...) - before; got < 65_536 || got > 80_000 {
		t.Errorf("%d bytes came after an hour", got)
	}
}

func TestOverARealSocket(t *testing.T) {
	loopback.Serve(t, func(r *loopback.Reactor) error { return start(r, loopback.Anywhere) }, func(ports []string) error {
		got, err := loopback.ExchangeN(ports[0], "", 10_000)
		if want := bytes.Repeat(noise, 110); err == nil && got != string(want[:10_000]) {
			err = fmt.Errorf("the first 10,000 bytes are not the characters: %.200q", got)
		}
		return err
	})
}
