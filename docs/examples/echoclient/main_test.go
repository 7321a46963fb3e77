package main

import (
	"strings"
	"testing"
	"time"

	"proxyherd/docs/examples/internal/loopback"
	"proxyherd/reactor"
	"proxyherd/reactor/reactortest"
)

const lines = "Good morning.\r\nIs there an echo?\r\nBye-bye!\r\n"

func TestItSaysItsLinesAndWaitsForTheLast(t *testing.T) {
	var transport reactortest.StringTransport
	var out strings.Builder
	client := (&EchoClientFactory{out: &out}).BuildProtocol(nil)
	client.MakeConnection(client, &transport)
	if got := transport.Value(); got != lines {
		t.Fatalf("wrote %q", got)
	}
	// The first two lines, and the third without its end.
	cut := len(lines) - 1
	for i, data := range []string{lines[:cut], lines[cut:]} {
		if transport.Disconnecting() {
			t.Fatalf("it closes before piece %d", i)
		}
		if err := client.DataReceived(client, []byte(data)); err != nil {
			t.Fatal(err)
		}
	}
	if !transport.Disconnecting() || out.String() != "receive: Good morning.\nreceive: Is there an echo?\nreceive: Bye-bye!\n" {
		t.Errorf("closing: %v, printed %q", transport.Disconnecting(), out.String())
	}
}

func TestItEndsWhenNobodyAnswers(t *testing.T) {
	network := reactortest.NewNetwork(reactortest.Options{})
	loop := network.Reactor("client")
	var out strings.Builder
	loop.ConnectTCP("10.0.0.1", 8000, &EchoClientFactory{loop: loop, out: &out}, 0, nil)
	network.Advance(time.Minute)
	if loop.Running() {
		t.Error("it waits for something")
	}
	if got := out.String(); !strings.HasPrefix(got, "connection failed: "+reactor.ErrConnectionRefused.Error()) {
		t.Errorf("printed %q", got)
	}
}

func TestOverARealSocket(t *testing.T) {
	to := loopback.Echo(t)
	loop := loopback.New(t)
	var out strings.Builder
	loop.ConnectTCP(to.Addr().String(), int(to.Port()), &EchoClientFactory{loop: loop, out: &out}, 0, nil)
	if err := loop.Run(); err != nil {
		t.Fatal(err)
	}
	got := strings.Split(out.String(), "\n")
	if len(got) != 5 || got[2] != "receive: "+end || got[3] != "connection lost: "+reactor.ErrConnectionDone.Error() {
		t.Errorf("printed %q", got)
	}
}
