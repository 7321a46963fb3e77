package main

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"syscall"
	"testing"
	"time"

	"proxyherd/docs/examples/internal/loopback"
	"proxyherd/factories"
	"proxyherd/reactor"
	"proxyherd/reactor/reactortest"
)

func TestWhatComesGoesBack(t *testing.T) {
	var transport reactortest.StringTransport
	echo := &Echo{}
	echo.MakeConnection(echo, &transport)
	data := []byte("one")
	if err := echo.DataReceived(echo, data); err != nil {
		t.Fatal(err)
	}
	copy(data, "two") // as the reactor does, whose buffer it is
	if err := echo.DataReceived(echo, data); err != nil {
		t.Fatal(err)
	}
	if got := transport.Value(); got != "onetwo" {
		t.Errorf("wrote %q", got)
	}
}

// A slow link that cuts the bytes anywhere makes no difference to an echo.
func TestOverASlowLink(t *testing.T) {
	network := reactortest.NewNetwork(reactortest.Options{
		Seed: 1,
		Link: reactortest.Link{Latency: 50 * time.Millisecond, BytesPerSecond: 100_000, Chunked: true},
	})
	if err := start(network.Reactor("server"), netip.MustParseAddrPort("10.0.0.1:8000")); err != nil {
		t.Fatal(err)
	}
	client := &reactortest.AccumulatingProtocol{}
	f := factories.ForProtocol(func(reactor.Address) reactor.Protocol { return client })
	network.Reactor("client").ConnectTCP("10.0.0.1", 8000, f, 0, nil)
	if !network.RunUntil(func() bool { return client.Made == 1 }, time.Second) {
		t.Fatal("no connection")
	}
	sent := bytes.Repeat([]byte("0123456789"), 20_000)
	client.Transport.Write(sent)
	if !network.RunUntil(func() bool { return len(client.Data) >= len(sent) }, time.Minute) || !bytes.Equal(client.Data, sent) {
		t.Errorf("%d of %d bytes came back", len(client.Data), len(sent))
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

func TestAPortThatIsTakenIsAnError(t *testing.T) {
	taken := &reactor.CannotListenError{Port: 8000, Err: syscall.EADDRINUSE}
	memory := &reactortest.RaisingMemoryReactor{ListenError: taken}
	if err := start(memory, netip.MustParseAddrPort("127.0.0.1:8000")); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("%v", err)
	}
}
