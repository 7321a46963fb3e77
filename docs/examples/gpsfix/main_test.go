package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"proxyherd/docs/examples/internal/loopback"
	"proxyherd/factories"
	"proxyherd/protocols"
	"proxyherd/reactor"
	"proxyherd/reactor/endpoints"
	"proxyherd/reactor/reactortest"
)

const printed = "fix: 48.11730 11.51667, 545.4 m, at 12h35m19s UTC, with 8 satellites, HDOP 0.9\n" +
	"position: 48.11730 11.51667, at 1994-03-23 12:35:19 UTC, 22.4 knots towards 84.4 degrees\n"

// run runs the example on a reactor and returns what it prints. An example that
// does not stop the reactor fails the test, late.
func run(t *testing.T, loop reactor.Reactor, address string, file io.Reader) string {
	t.Helper()
	var out strings.Builder
	if err := start(loop, &GPSTest{loop: loop, out: &out}, address, file); err != nil {
		t.Fatal(err)
	}
	late := time.AfterFunc(20*time.Second, func() {
		t.Error("the reactor was not stopped in time")
		loop.CallFromThread(loop.Crash)
	})
	defer late.Stop()
	if err := loop.Run(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestFromAFile(t *testing.T) {
	text := gga + rmc + sentence("GPGGA,235959,,,,,0,00,,,M,,M,,") + sentence("GPRMC,235959,V,,,,,,,230394,,") + "$noise\n"
	want := printed + "fix: none yet\nposition: none yet\npassed over: \"$noise\": " + ErrSentence.Error() +
		"\nno more from the device: " + reactor.ErrConnectionDone.Error() + "\n"
	for name, file := range map[string]io.Reader{
		"whole":            strings.NewReader(text),
		"a byte at a time": iotest.OneByteReader(strings.NewReader(text)),
	} {
		if got := run(t, reactortest.NewNetwork(reactortest.Options{}).Reactor("gps"), "", file); got != want {
			t.Errorf("%s: printed %q", name, got)
		}
	}
	broken := errors.New("the cable was pulled")
	got := run(t, reactortest.NewNetwork(reactortest.Options{}).Reactor("gps"), "", iotest.ErrReader(broken))
	if want := fmt.Sprintf("no more from the device: %v\n", broken); got != want {
		t.Errorf("printed %q", got)
	}
}

// device is a protocol that tells two sentences and hangs up.
type device struct{ protocols.Protocol }

func (d *device) ConnectionMade() {
	d.Transport.Write([]byte(gga + rmc))
	d.Transport.LoseConnection()
}

func listen(t *testing.T, r reactor.TCP, port int) reactor.ListeningPort {
	t.Helper()
	f := factories.ForProtocol(func(reactor.Address) reactor.Protocol { return &device{} })
	opened, err := r.ListenTCP(port, f, 0, "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	return opened
}

func TestFromAPort(t *testing.T) {
	network := reactortest.NewNetwork(reactortest.Options{Seed: 1, Link: reactortest.Link{Chunked: true}})
	listen(t, network.Reactor("device"), 10110)
	got := run(t, network.Reactor("gps"), "tcp:127.0.0.1:10110", nil)
	if want := printed + "no more from the device: " + reactor.ErrConnectionDone.Error() + "\n"; got != want {
		t.Errorf("printed %q", got)
	}
	if got := run(t, network.Reactor("again"), "tcp:127.0.0.1:10111", nil); !strings.Contains(got, reactor.ErrConnectionRefused.Error()) {
		t.Errorf("printed %q", got)
	}
	if err := start(network.Reactor("wrong"), &GPSTest{}, "10110", nil); !errors.Is(err, endpoints.ErrUnqualified) {
		t.Errorf("%v", err)
	}
}

func TestOverARealSocket(t *testing.T) {
	loop := loopback.New(t)
	_, port := reactor.SplitAddress(listen(t, loop, 0).GetHost())
	got := run(t, loop, fmt.Sprintf("tcp:127.0.0.1:%d", port), nil)
	if !strings.HasPrefix(got, printed) {
		t.Errorf("printed %q", got)
	}
}
