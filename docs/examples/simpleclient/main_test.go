package main

import (
	"strings"
	"testing"
	"time"

	"proxyherd/docs/examples/internal/loopback"
	"proxyherd/reactor/reactortest"
)

func TestItGreetsPrintsAndCloses(t *testing.T) {
	var transport reactortest.StringTransport
	var out strings.Builder
	client := (&EchoFactory{out: &out}).BuildProtocol(nil)
	client.MakeConnection(client, &transport)
	if got := transport.Value(); got != "hello there" {
		t.Fatalf("sent %q", got)
	}
	if transport.Disconnecting() {
		t.Fatal("it closes before there is an answer")
	}
	if err := client.DataReceived(client, []byte("hello yourself")); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); !transport.Disconnecting() || got != "Server said: hello yourself\n" {
		t.Errorf("closing: %v, printed %q", transport.Disconnecting(), got)
	}
}

func TestItEndsWhenNobodyAnswers(t *testing.T) {
	network := reactortest.NewNetwork(reactortest.Options{})
	loop := network.Reactor("client")
	var out strings.Builder
	loop.ConnectTCP("10.0.0.1", 8000, &EchoFactory{loop: loop, out: &out}, 0, nil)
	network.Advance(time.Minute)
	if loop.Running() {
		t.Error("it waits for something")
	}
	if got := out.String(); got != "Connection failed: good bye\n" {
		t.Errorf("printed %q", got)
	}
}

func TestOverARealSocket(t *testing.T) {
	to := loopback.Echo(t)
	loop := loopback.New(t)
	var out strings.Builder
	loop.ConnectTCP(to.Addr().String(), int(to.Port()), &EchoFactory{loop: loop, out: &out}, 0, nil)
	if err := loop.Run(); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); got != "Server said: hello there\nconnection lost\nConnection lost: good bye\n" {
		t.Errorf("printed %q", got)
	}
}
