package main

import (
	"fmt"
	"net/netip"
	"testing"

	"proxyherd/docs/examples/internal/loopback"
	"proxyherd/reactor/reactortest"
)

// Every connection has an Echo of its own, on the port that was asked for.
func TestEachConnectionHasItsOwnEcho(t *testing.T) {
	var memory reactortest.MemoryReactor
	if err := start(&memory, netip.MustParseAddrPort("127.0.0.1:8000")); err != nil {
		t.Fatal(err)
	}
	server := memory.TCPServers[0]
	if server.Port != 8000 || server.Interface != "127.0.0.1" {
		t.Fatalf("listens on %s:%d", server.Interface, server.Port)
	}
	for _, said := range []string{"one", "two"} {
		var transport reactortest.StringTransport
		echo := server.Factory.BuildProtocol(transport.GetPeer())
		echo.MakeConnection(echo, &transport)
		if err := echo.DataReceived(echo, []byte(said)); err != nil {
			t.Fatal(err)
		}
		if got := transport.Value(); got != said {
			t.Errorf("%q was answered with %q", said, got)
		}
	}
}

func TestOverARealSocket(t *testing.T) {
	loopback.Serve(t, func(r *loopback.Reactor) error { return start(r, loopback.Anywhere) }, func(ports []string) error {
		const said = "hello, world!"
		got, err := loopback.ExchangeN(ports[0], said, len(said))
		if err == nil && got != said {
			err = fmt.Errorf("%q came back", got)
		}
		return err
	})
}
